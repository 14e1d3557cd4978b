// What the server wrote into the document for this script. The launch token leaves the document with
// it: from here on it lives in this closure.
const doc = document, root = doc.documentElement;
const source = doc.getElementById("weir-frame");
const facts = JSON.parse(source.textContent);
source.remove();
let form = doc.getElementById("weir-filters");
form.elements.token.remove();

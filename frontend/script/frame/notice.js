// What the reader is told, above the figures and without moving them; and, when access is lost, in
// their place.
const { words } = facts;

function element(name, className, ...content) {
  const made = doc.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

const hush = element("div", "hush");
hush.setAttribute("role", "status");
let hushed = "";

// "reconnecting", "over" (which has a button), or nothing.
function tell(what, act) {
  if (hushed === what) return;
  hushed = what;
  hush.remove();
  if (!what) return;
  hush.replaceChildren(words[what]);
  if (act) {
    const button = element("button", "btn", words.resume);
    button.type = "button";
    button.onclick = act;
    hush.append(button);
  }
  (doc.querySelector(".page") || doc.body).prepend(hush);
}

// Every figure leaves the document. `kind` says why, and whether the reader can ask for more.
function wipe(kind, act) {
  if (doc.readyState === "loading") stop();
  tell("");
  const [title, lead] = words[kind];
  const notice = element("main", "gone", element("h1", "", title), element("p", "", lead));
  notice.setAttribute("role", "alert");
  if (act) {
    const button = element("button", "btn", words.again);
    button.type = "button";
    button.onclick = act;
    notice.append(button);
  }
  kept = entries();
  form = null;
  // The style of what opens late stands in the body.
  doc.body.replaceChildren(...doc.body.querySelectorAll("style"), element("div", "page", notice));
  doc.title = title;
  root.dataset.access = kind;
}

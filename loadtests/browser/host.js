// Evaluated in the CRM page: the page and its files, as the server sent them.
(async () => {
  const text = async (path) => {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.text();
  };
  const [page, css, js, icon] = await Promise.all([location.href, "/crm.css", "/crm.js", "/icon.svg"].map(text));
  return { page, css, js, icon };
})()

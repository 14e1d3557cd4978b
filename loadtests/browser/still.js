// Evaluated inside a settled frame: the page that somebody would write by hand who had the figures of
// this one already. The same words, charts and style; no script, no form that sends anything, nothing
// that is not seen before something is pressed.
(() => {
  const root = document.documentElement.cloneNode(true);
  const each = (selector, act) => root.querySelectorAll(selector).forEach(act);
  each("script,template,input[type=hidden],body style,details > :not(summary)", (one) => one.remove());
  each("leptos-island,leptos-children", (one) => one.replaceWith(...one.childNodes));
  each("form", (one) => one.replaceWith(...one.childNodes));
  each("*", (one) => {
    for (const { name } of [...one.attributes]) {
      if (/^(nonce|slot|data-(hk|children|component|props|islands))$/.test(name)) one.removeAttribute(name);
    }
  });
  for (const name of ["data-islands", "style"]) root.removeAttribute(name);
  const comments = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (comments.nextNode()) found.push(comments.currentNode);
  found.forEach((one) => one.remove());
  return `<!DOCTYPE html>${root.outerHTML}`;
})()

// What a CRM writes to have a dashboard in its page, and the small comforts of this page. Everything
// here also works without it: each switch is a link or a form.

const element = document.querySelector("weir-dashboard");
const [opened, chosen] = document.querySelectorAll(".opened output");

// The page's half of the embed: the back end knows who is signed in, and asks Weir for the token.
element.token = async ({ dashboard, locale, signal }) => {
  const response = await fetch("/weir-token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dashboard, locale, persona: element.dataset.persona }),
    signal,
  });
  if (!response.ok) throw new Error(`the CRM answered ${response.status}`);
  return response.json();
};

// What the dashboard tells: when its largest part was painted, and what the reader filters by.
element.addEventListener("loaded", ({ detail }) => {
  if (detail.lcp_ms === null) return;
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  opened.textContent = opened.dataset.text.replace("{s}", number.format(detail.lcp_ms / 1000));
});
element.addEventListener("filter-changed", ({ detail }) => {
  const set = Object.values(detail.filters).filter((values) => values.length).length;
  chosen.textContent = set ? chosen.dataset.text.replace("{n}", set) : "";
});
element.addEventListener("error", ({ detail }) => console.warn("weir:", detail.code));

addEventListener("load", () => {
  if (customElements.get("weir-dashboard")) return;
  element.hidden = true;
  document.querySelector(".no-weir").hidden = false;
});

// The address always says what is shown, and the other links keep up with it.
function remember(name, value) {
  const change = (address) => {
    const url = new URL(address, location);
    url.searchParams.set(name, value);
    return url.pathname + url.search;
  };
  history.replaceState(null, "", change(location.href));
  for (const link of document.querySelectorAll('a[href^="/?"]')) {
    const own = { dashboard: link.dataset.dashboard, theme: link.dataset.themeLink, tab: link.dataset.tab ?? link.dataset.go };
    if (!own[name]) link.setAttribute("href", change(link.getAttribute("href")));
  }
  for (const field of document.querySelectorAll(`input[name="${name}"]`)) field.value = value;
  for (const text of document.querySelectorAll(`[data-shows="${name}"]`)) text.textContent = value;
}

function choose(links, chosen, attribute = "aria-current") {
  for (const link of links) {
    if (link === chosen) link.setAttribute(attribute, "true");
    else link.removeAttribute(attribute);
  }
}

function onPlainClick(link, act) {
  link.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}

const dashboards = document.querySelectorAll("[data-dashboard]");
for (const link of dashboards) {
  onPlainClick(link, () => {
    opened.textContent = chosen.textContent = "";
    choose(dashboards, link);
    element.setAttribute("dashboard", link.dataset.dashboard);
    remember("dashboard", link.dataset.dashboard);
  });
}

const themes = document.querySelectorAll("[data-theme-link]");
for (const link of themes) {
  onPlainClick(link, () => {
    const theme = link.dataset.themeLink;
    choose(themes, link);
    document.documentElement.dataset.theme = theme;
    element.setAttribute("theme", theme);
    remember("theme", theme);
  });
}

const tabs = [...document.querySelectorAll("[data-tab]")];
const ways = [...document.querySelectorAll("[data-go]")];
function show(name) {
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(`panel-${tab.dataset.tab}`).hidden = !chosen;
    if (chosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  choose(ways, ways.find((way) => way.dataset.go === name), "aria-current");
  remember("tab", name);
}
for (const tab of tabs) {
  onPlainClick(tab, () => show(tab.dataset.tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    show(next.dataset.tab);
    next.focus();
  });
}
for (const way of ways) onPlainClick(way, () => show(way.dataset.go));
const first = tabs.find((tab) => tab.ariaSelected === "true");
first.scrollIntoView({ block: "nearest", inline: "nearest" });
choose(ways, ways.find((way) => way.dataset.go === first.dataset.tab));

const persona = document.querySelector("#persona");
persona.form.dataset.live = "";
persona.addEventListener("change", () => persona.form.requestSubmit());

// The views' counts, asked for once a minute while somebody looks.
const views = document.querySelector("nav.views");

setInterval(() => {
  if (!document.hidden && navigator.onLine) htmx.ajax("GET", views.dataset.counts, { swap: "none", source: views });
}, 60_000);

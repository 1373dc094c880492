// The views' counts, asked for once a minute while somebody looks.
setInterval(() => {
  if (!document.hidden) htmx.ajax("GET", "/counts/", { swap: "none", source: "nav.views" });
}, 60_000);

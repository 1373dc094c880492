// Lays the page out before the modules run. Otherwise the browser does all of it at once when they have run, fonts and
// all, and is deaf for as long.
document.documentElement.getBoundingClientRect();

// Lays the page out while the other scripts are on their way. Otherwise the browser does all of it at once when they have
// come, fonts and all, and is deaf for as long.
document.documentElement.getBoundingClientRect();

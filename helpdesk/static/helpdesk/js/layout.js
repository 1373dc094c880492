// Lays out what its element names, in a turn of its own: before the modules run, and what they changed. Otherwise the
// browser does all of it at once when they have run, fonts and all, and is deaf for as long. What the style sheets let it
// leave for later (`content-visibility`) is laid out only where it is asked how large it is.
for (const part of document.querySelectorAll(document.currentScript.dataset.part)) part.getBoundingClientRect();

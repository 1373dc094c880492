// What the workspace does beyond links and forms. Without it, reading, replying and changing still work.
import "./notices.js";
import "./main.js";
import "./composer.js";
import "./markdown.js";
import "./suggest.js";
import "./outbox.js";
import "./presence.js";
import "./picker.js";
import "./deeds.js";
import "./reading.js";
import "./unfolding.js";
import "./selection.js";
import "./menus.js";
import "./combobox.js";
import "./palette.js";
import "./times.js";
import "./cut.js";
import "./clocks.js";
import "./counts.js";
import "./bell.js";
import "./keys.js";

document.documentElement.dataset.scripts = "";
for (const element of document.querySelectorAll("[data-open]")) element.hidden = false;

// show: pages that only show something: amounts and times in this phone's way, and the code kept for an installed
// wallet.

import { remember_code, start_app } from "./device.mjs";
import { localise } from "./dom.mjs";

localise();
start_app();
remember_code(document.getElementById("main").dataset.token);

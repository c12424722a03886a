// SPDX-License-Identifier: MIT

// What is said in dialogs and panels only, and of errors: fetched with the first of them.

import { loadMore } from "./strings.js";

await loadMore();

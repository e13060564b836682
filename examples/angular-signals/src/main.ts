import { provideBrowserGlobalErrorListeners } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { App } from "./app";

// Angular renders without zone.js: signals tell it what has changed.
void bootstrapApplication(App, { providers: [provideBrowserGlobalErrorListeners()] });

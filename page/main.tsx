import { render } from "preact";
import { App } from "./app.tsx";
import { createFunctionKey } from "./data/function-key.ts";
import { createTicker } from "./parts/age.tsx";
import { viewOf } from "./view/view-of.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html lacks the element #app");
render(
  <App
    ticker={createTicker(Date.now)}
    functionKey={createFunctionKey(sessionStorage)}
    view={viewOf(location.pathname)}
  />,
  root,
);

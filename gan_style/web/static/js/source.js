// A picture from the user: dropped, pasted, chosen.
import { byId } from "./dom.js";

// `place` takes what is dropped on it; `button` opens the choice of a file by `input`.
export function takePictures(place, button, input, take) {
  let depth = 0;
  const over = (inside) => {
    depth = Math.max(0, depth + inside);
    place.classList.toggle("over", depth > 0);
    place.dispatchEvent(new CustomEvent("hover", { detail: depth > 0 }));
  };
  const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  place.addEventListener("dragenter", (event) => files(event) && (event.preventDefault(), over(1)));
  place.addEventListener("dragleave", (event) => files(event) && over(-1));
  place.addEventListener("dragover", (event) => files(event) && event.preventDefault());
  place.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    event.stopPropagation();
    over(-depth);
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = "";
  });
}

export function takePasted(take) {
  addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (file && !byId("paint").hidden) take(file);
  });
  // What is dropped beside the places for it must not replace the page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
}

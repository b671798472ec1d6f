// Pictures as files, on canvases, and as bytes (height, width, 3).

// A file as a canvas whose longer side has at most so many pixels (0: as it is). Turned as its EXIF says.
export async function read(file, longest) {
  const picture = await createImageBitmap(file);
  const scale = longest ? Math.min(1, longest / Math.max(picture.width, picture.height)) : 1;
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, width, height);
  picture.close();
  return canvas;
}

export function pixels(canvas) {
  const { width, height } = canvas;
  const given = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const bytes = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < given.length; from += 4) {
    bytes[to++] = given[from];
    bytes[to++] = given[from + 1];
    bytes[to++] = given[from + 2];
  }
  return { bytes, width, height };
}

// A painting with the photograph's transparency.
export function show(painted, photograph, canvas) {
  const { width, height } = painted;
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  const shown = photograph.getContext("2d").getImageData(0, 0, width, height);
  for (let from = 0, to = 0; from < painted.bytes.length; to += 4) {
    shown.data[to] = painted.bytes[from++];
    shown.data[to + 1] = painted.bytes[from++];
    shown.data[to + 2] = painted.bytes[from++];
  }
  pen.putImageData(shown, 0, 0);
}

export function copy(from, to) {
  Object.assign(to, { width: from.width, height: from.height });
  to.getContext("2d").drawImage(from, 0, 0);
}

export function asFile(canvas) {
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

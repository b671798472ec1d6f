// A picture from the camera. Nothing of it leaves the browser before it is taken.
import { byId, show } from "./dom.js";

export function openCamera(take, none) {
  const finder = byId("finder"), video = finder.querySelector("video"), empty = byId("empty");
  let stream = null, opening = false;

  const release = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
  };
  const stop = () => {
    release();
    show(finder, false);
    show(empty, true);
  };
  byId("camera").addEventListener("click", async () => {
    if (opening) return;
    opening = true;
    release();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 } } });
      video.srcObject = stream;
      await video.play();
    } catch {
      release();
      none();
      return;
    } finally {
      opening = false;
    }
    show(empty, false);
    show(finder, true);
    byId("take").focus();
  });
  byId("camera-stop").addEventListener("click", () => {
    stop();
    byId("camera").focus();
  });
  byId("take").addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      stop();
      take(new File([blob], "camera.jpg", { type: "image/jpeg" }));
    }, "image/jpeg", 0.95);
  });
}

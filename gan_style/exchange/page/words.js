// Every word of the page, in its languages.

export const words = {
  en: {
    private: "The photograph stays on this device: the network paints it here, in the browser.",
    photograph: "photograph",
    painting: "painting",
    drop: "Drop a photograph here, or paste one.",
    choose: "Choose a photograph",
    camera: "Camera",
    shoot: "Take the picture",
    close: "Close",
    style: "Style",
    style_image: "Style picture",
    strength: "Strength",
    size: "Longer side",
    full: "as it is",
    seed: "Seed",
    paint: "Paint",
    slider: "how much of the painting is shown",
    download: "Download the painting",
    about: "About this painter",
    loading: "Loading the painter …",
    ready: "The painter is ready.",
    painting_now: "Painting {width} × {height} pixels …",
    painted: "Painted {width} × {height} pixels in {seconds} s.",
    not_a_picture: "{name}: this browser cannot read it as a picture.",
    no_camera: "The camera cannot be used: {reason}",
    no_painter: "The painter could not be loaded: {reason}",
    failed: "This picture could not be painted; a smaller size may fit into the memory. ({reason})",
  },
  zh: {
    private: "照片不会离开这台设备：神经网络就在浏览器里作画。",
    photograph: "照片",
    painting: "画作",
    drop: "把照片拖到这里，或者粘贴一张。",
    choose: "选择照片",
    camera: "相机",
    shoot: "拍照",
    close: "关闭",
    style: "风格",
    style_image: "风格图片",
    strength: "强度",
    size: "长边",
    full: "原尺寸",
    seed: "随机种子",
    paint: "作画",
    slider: "显示多少画作",
    download: "下载画作",
    about: "关于这位画师",
    loading: "正在载入画师……",
    ready: "画师已就绪。",
    painting_now: "正在画 {width} × {height} 像素……",
    painted: "{width} × {height} 像素，用时 {seconds} 秒。",
    not_a_picture: "{name}：浏览器无法把它读作图片。",
    no_camera: "无法使用相机：{reason}",
    no_painter: "无法载入画师：{reason}",
    failed: "这张图片没有画成；换小一些的尺寸也许内存够用。（{reason}）",
  },
};

let language = navigator.language.startsWith("zh") ? "zh" : "en";

export function say(key, values = {}) {
  return words[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function write() {
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  const other = document.getElementById("language");
  other.lang = language === "zh" ? "en" : "zh";
  other.textContent = language === "zh" ? "English" : "中文";
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  write();
}

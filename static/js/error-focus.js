// Django's admin says that a form came back, and leaves the focus in its first field, or nowhere.
addEventListener("load", () => {
  const note = document.querySelector(".errornote");
  if (!note) return;
  note.tabIndex = -1;
  note.focus();
});

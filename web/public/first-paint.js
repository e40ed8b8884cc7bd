// Before anything is painted: the theme that was chosen here, so that a dark room never gets a white flash.
(() => {
  const theme = localStorage.getItem('epitrace.theme');
  if (theme === '"light"' || theme === '"dark"') document.documentElement.dataset.theme = JSON.parse(theme);
})();

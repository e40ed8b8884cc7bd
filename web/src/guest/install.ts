// Puts the service worker in place, after the page is there: nothing waits for it.

export function keepPage() {
  if (!('serviceWorker' in navigator)) return;
  const install = async () => {
    const found = await navigator.serviceWorker.register('/g/sw.js', { scope: '/g/', updateViaCache: 'none' });
    found.waiting?.postMessage('take-over');
  };
  // Without it the page works while there is signal.
  const begin = () => void install().catch(() => undefined);
  if (document.readyState === 'complete') begin();
  else window.addEventListener('load', begin);
}

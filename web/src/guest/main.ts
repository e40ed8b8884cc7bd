import './old-phones.ts';
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import './guest.css';
import GuestApp from './GuestApp.svelte';
import { guest } from './guest.svelte.ts';
import { keepPage } from './install.ts';
import { speakFirst } from './words.svelte.ts';

speakFirst();
guest.begin(location.pathname, location.hash).then(() => {
  const target = document.getElementById('guest');
  if (target) mount(GuestApp, { target });
  guest.work();
  keepPage();
});
// Another code of the same venue differs behind the # only.
window.addEventListener('hashchange', () => location.reload());

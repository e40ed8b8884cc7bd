import { mount } from 'svelte';
import App from './App.svelte';
import './look/fonts.css';
import './look/tokens.css';
import './look/base.css';
import './look/parts.css';
import './look/print.css';
import { loadFirstLanguage } from './words/words.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the application');
await loadFirstLanguage();
mount(App, { target });

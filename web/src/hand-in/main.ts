import { mount } from 'svelte';
import '../look/fonts.css';
import '../look/tokens.css';
import '../look/base.css';
import '../look/parts.css';
import '../patient/patient.css';
import './hand-in.css';
import HandInApp from './HandInApp.svelte';
import { loadFirstLanguage } from './words.svelte.ts';

const target = document.getElementById('hand-in');
if (!target) throw new Error('the page has no place for the application');
await loadFirstLanguage();
mount(HandInApp, { target });

import { baseStyle } from './style-base.ts';
import { partStyle } from './style-parts.ts';
import { tableStyle } from './style-tables.ts';

/** One stylesheet for light and dark, for a wide screen and a phone. No fonts, no pictures: nothing else is loaded. */
export const pageStyle = [baseStyle, tableStyle, partStyle].join('');

/** The executable from source, for `npm run dev`: the same three lines as heldline.js. */
import { main } from '../src/cli/main.ts';

process.exitCode = await main(process.argv.slice(2));

/** `node tools/launch/main.mjs <script> [arguments]`: a script of this workspace on Node 24, whatever Node this is. */
import { launch } from './launch.mjs';

await launch(process.argv[2], 1);

/** A step of the build: compiles the model once and keeps the result beside it. */
import { writeModelCache } from './model.ts';

await writeModelCache();

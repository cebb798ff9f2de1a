/** Models on a device whose values the host does not see. */
import { checkOnDevice } from './deviceLaw.ts';
import { languageModels, translationModels } from './make.ts';

for (const [name, make] of Object.entries({ ...languageModels, ...translationModels })) checkOnDevice({ name, make });

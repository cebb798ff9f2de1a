/** Lorentz Transformers are translation models, by greedy search, beam and sampling too, and on another device. */
import { checkGeneration } from '../../nn/generate/alike.ts';
import { checkOnDevice } from '../../nn/models/deviceLaw.ts';
import { checkTranslationModel } from '../../nn/models/translationLaws.ts';
import { lorentzTransformers } from './make.ts';

for (const [name, make] of Object.entries(lorentzTransformers)) {
  checkTranslationModel({ name, make });
  checkGeneration({ name, make });
  checkOnDevice({ name, make });
}

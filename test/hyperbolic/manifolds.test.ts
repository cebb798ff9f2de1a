/** Every geometry under the laws of a space. */
import { euclidean } from '../../src/hyperbolic/euclidean.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { product } from '../../src/hyperbolic/product.ts';
import { checkManifold } from '../harness/manifold.ts';

checkManifold({ name: 'euclidean', make: () => euclidean, share: 4 });
checkManifold({ name: 'lorentz', make: lorentz });
checkManifold({ name: 'poincare', make: poincare, scale: 2 });
checkManifold({
  name: 'product',
  make: (c) => product([lorentz(c), 2], [euclidean, 1], [lorentz(c), 1]),
  dims: [4],
  share: 4,
});

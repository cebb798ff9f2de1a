#!/usr/bin/env python3
"""
Golden numbers: values and gradients from PyTorch, in float64, as JSON beside this file. Not part of CI: the JSON is kept.

    apt-get install python3-torch python3-numpy
    python3 test/golden/make.py

The same versions give the same files, bit for bit.
"""

import sys

sys.dont_write_bytecode = True

import numpy
import torch

import cases_lorentz
import cases_models
import cases_pointwise
import cases_products
import cases_shape
import cases_training
import fixtures
import golden

if sys.argv[1:2] == ["check"]:
    fixtures.check(sys.argv[2])
else:
    print(f"Python {sys.version.split()[0]}, PyTorch {torch.__version__}, NumPy {numpy.__version__}")
    for family in (cases_pointwise, cases_shape, cases_products, cases_training, cases_models, cases_lorentz, fixtures):
        family.make()
    golden.write()

"""mnist_study: five student reports on handwritten digits, reproduced side by side with what they claim.

Importing the package costs nothing: TensorFlow, UMAP and the plotting libraries load with the module that uses them.
"""

__version__ = "0.1.0"

"""Nine models as the commonest tutorials build them, trained in seconds: right, wrong and broken.

Each takes MNIST's training images, uint8 (n, 28, 28), and labels, and uses as many of them as it can learn in that time.

Sources: keras.io/examples/vision/mnist_convnet; tensorflow.org/tutorials/quickstart/beginner;
github.com/pytorch/examples/tree/main/mnist; scikit-learn.org/stable/auto_examples/classification.
"""

import keras
import numpy as np
from keras import layers
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def fitted(model, x, y, loss="sparse_categorical_crossentropy", epochs=2, batch_size=128):
    """A Keras model trained in few epochs."""
    keras.utils.set_random_seed(1)
    model.compile("adam", loss)
    model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0)
    return model


def mnist_convnet(x, y):
    """Keras's example "Simple MNIST convnet": (28, 28, 1), 0 to 1, probabilities."""
    parts = [keras.Input((28, 28, 1))]
    for filters in (32, 64):
        parts += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
    parts += [layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")]
    return fitted(keras.Sequential(parts), x[:5000, ..., None] / 255, y[:5000], epochs=4, batch_size=64)


def _quickstart(x, y):
    parts = [keras.Input((28, 28)), layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.2)]
    return fitted(keras.Sequential([*parts, layers.Dense(10)]), x, y, LOGITS)


def beginner(x, y):
    """TensorFlow's quickstart for beginners: (28, 28), 0 to 1, logits."""
    return _quickstart(x / 255, y)


def pytorch_example(x, y):
    """The network of PyTorch's MNIST example, trained by Keras: standardised, log-probabilities."""
    parts = [keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu")]
    parts += [layers.MaxPooling2D(2), layers.Dropout(0.25), layers.Flatten(), layers.Dense(128, activation="relu")]
    parts += [layers.Dropout(0.5), layers.Dense(10), layers.Activation("log_softmax")]
    return fitted(
        keras.Sequential(parts), (x[:3000, ..., None] / 255 - 0.1307) / 0.3081, y[:3000], LOGITS, batch_size=64
    )


def as_onnx(model, path):
    """``pytorch_example`` as torch.onnx would write it: channels first, weights (out, in, height, width)."""
    from onnx import TensorProto, helper, numpy_helper, save

    (conv1, bias1), (conv2, bias2), (dense1, bias3), (dense2, bias4) = (
        layer.get_weights() for layer in model.layers if layer.weights
    )
    dense1 = dense1.reshape(12, 12, 64, 128).transpose(3, 2, 0, 1).reshape(128, -1)  # torch flattens channels first
    weights = {"conv1.weight": conv1.transpose(3, 2, 0, 1), "conv1.bias": bias1}
    weights |= {"conv2.weight": conv2.transpose(3, 2, 0, 1), "conv2.bias": bias2}
    weights |= {"fc1.weight": dense1, "fc1.bias": bias3, "fc2.weight": dense2.T, "fc2.bias": bias4}
    nodes = [
        ("Conv", ["input", "conv1.weight", "conv1.bias"], "c1", {}),
        ("Relu", ["c1"], "r1", {}),
        ("Conv", ["r1", "conv2.weight", "conv2.bias"], "c2", {}),
        ("Relu", ["c2"], "r2", {}),
        ("MaxPool", ["r2"], "p", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("Flatten", ["p"], "f", {"axis": 1}),
        ("Gemm", ["f", "fc1.weight", "fc1.bias"], "d1", {"transB": 1}),
        ("Relu", ["d1"], "r3", {}),
        ("Gemm", ["r3", "fc2.weight", "fc2.bias"], "d2", {"transB": 1}),
        ("LogSoftmax", ["d2"], "output", {"axis": 1}),
    ]
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output], **options) for kind, inputs, output, options in nodes],
        "mnist",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name) for name, array in weights.items()],
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def svc(x, y):
    """scikit-learn's support vector machine on rows of 784 pixels: 0 to 1, labels as texts (as OpenML has them)."""
    return SVC(gamma="scale").fit(x[:1500].reshape(-1, 784) / 255, y[:1500].astype(str))


def mlp_classifier(x, y):
    """scikit-learn's multilayer perceptron on rows of 784 pixels: 0 to 1, labels as numbers."""
    return MLPClassifier((64,), max_iter=15, random_state=1).fit(x[:5000].reshape(-1, 784) / 255, y[:5000])


def missing_division(x, y):
    """The quickstart without ``/ 255``: 0 to 255."""
    return _quickstart(x.astype("float32"), y)


def black_on_white(x, y):
    """Trained on dark ink."""
    return _quickstart(1 - x / 255, y)


def transposed(x, y):
    """Fed rows as columns, as some readers of EMNIST's files do."""
    return _quickstart(x.swapaxes(1, 2) / 255, y)


def broken(x, y):
    """Trained on labels that were shuffled."""
    return _quickstart(x / 255, np.random.default_rng(0).permutation(y))

/* Reads rows of a result set, as forms.py does where this wasn't compiled: the same rows, in far fewer instructions.

   The packets are those of the text protocol (MySQL Internals, "Text Resultset"): three bytes of length, one of sequence,
   then each value after its own length. Nothing that a packet says of itself is believed before it is found to lie within
   it; what isn't a whole row, or isn't as most are, is left to forms.py. Python's stable ABI of 3.11 is enough. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#ifndef SOURCE
#define SOURCE "" /* what stands for this file: who loads it wants the one that they know (compiled.py) */
#endif

enum { BYTES = 'b', TEXT = 't', INTEGER = 'i' }; /* any other kind: made by the column's own function, of its bytes */
enum { HEAD = 4, NULL_VALUE = 251, LONGEST_ROW = 253, DIGITS = 18, LARGEST_PACKET = 0xFFFFFF };

static PyObject *
called(PyObject *function, const unsigned char *bytes, Py_ssize_t size)
{
    PyObject *argument = PyBytes_FromStringAndSize((const char *)bytes, size);
    if (argument == NULL) {
        return NULL;
    }
    PyObject *made = PyObject_CallFunctionObjArgs(function, argument, NULL);
    Py_DECREF(argument);
    return made;
}

static PyObject *
integer(PyObject *function, const unsigned char *bytes, Py_ssize_t size)
{
    Py_ssize_t at = size > 0 && bytes[0] == '-';
    long long number = 0;
    if (at == size || size > DIGITS) {
        return called(function, bytes, size);
    }
    for (Py_ssize_t digit = at; digit < size; digit++) {
        if (bytes[digit] < '0' || bytes[digit] > '9') {
            return called(function, bytes, size);
        }
        number = number * 10 + (bytes[digit] - '0');
    }
    return PyLong_FromLongLong(at ? -number : number);
}

static PyObject *
value(char kind, PyObject *function, const unsigned char *bytes, Py_ssize_t size)
{
    switch (kind) {
    case BYTES:
        return PyBytes_FromStringAndSize((const char *)bytes, size);
    case TEXT:
        return PyUnicode_DecodeUTF8((const char *)bytes, size, NULL);
    case INTEGER:
        return integer(function, bytes, size);
    default:
        return called(function, bytes, size);
    }
}

/* Find the next value: its first byte and its size, -1 if it is NULL. Give what follows it, or NULL if it isn't all
   there. */
static const unsigned char *
found(const unsigned char *at, const unsigned char *stop, const unsigned char **first, Py_ssize_t *size)
{
    if (at >= stop) {
        return NULL;
    }
    unsigned char told = *at++;
    if (told == NULL_VALUE) {
        *size = -1;
        return at;
    }
    Py_ssize_t length = told;
    if (told > NULL_VALUE) {
        int width = told == 252 ? 2 : told == 253 ? 3 : 0; /* no value of one packet needs more */
        if (width == 0 || stop - at < width) {
            return NULL;
        }
        length = at[0] | (Py_ssize_t)at[1] << 8 | (width == 3 ? (Py_ssize_t)at[2] << 16 : 0);
        at += width;
    }
    if (stop - at < length) {
        return NULL;
    }
    *first = at;
    *size = length;
    return at + length;
}

/* Give one row, of the bytes from ``at`` to ``stop``; NULL without an error if they aren't as many values. */
static PyObject *
row(const char *kinds, Py_ssize_t columns, PyObject *functions, const unsigned char *at, const unsigned char *stop)
{
    PyObject *made = PyTuple_New(columns);
    for (Py_ssize_t column = 0; made != NULL && column < columns; column++) {
        const unsigned char *first = NULL;
        Py_ssize_t size = 0;
        at = found(at, stop, &first, &size);
        PyObject *one = NULL;
        if (at != NULL) {
            one = size < 0 ? Py_NewRef(Py_None) : value(kinds[column], PyTuple_GetItem(functions, column), first, size);
        }
        if (one == NULL || PyTuple_SetItem(made, column, one) < 0) {
            Py_CLEAR(made);
        }
    }
    if (made != NULL && at != stop) {
        Py_CLEAR(made);
    }
    return made;
}

PyDoc_STRVAR(many_doc,
"many(kinds, functions, data, at, number, add)\n--\n\n"
"Read rows out of bytes, as long as they are whole, and give where it stopped, and the number of the packet there.\n\n"
"``kinds`` has a byte for each column, and ``functions`` what makes its values of their bytes.");

static PyObject *
many(PyObject *module, PyObject *arguments)
{
    char *kinds, *data;
    Py_ssize_t columns, size, at;
    int number;
    PyObject *functions, *given, *add;
    if (!PyArg_ParseTuple(arguments, "y#O!SniO", &kinds, &columns, &PyTuple_Type, &functions, &given, &at, &number, &add)
        || PyBytes_AsStringAndSize(given, &data, &size) < 0) {
        return NULL;
    }
    if (PyTuple_Size(functions) != columns || at < 0 || at > size) {
        PyErr_SetString(PyExc_ValueError, "a function for each column, and a place within the bytes");
        return NULL;
    }
    const unsigned char *bytes = (const unsigned char *)data;
    while (size - at > HEAD) {
        const unsigned char *packet = bytes + at;
        Py_ssize_t length = packet[0] | (Py_ssize_t)packet[1] << 8 | (Py_ssize_t)packet[2] << 16;
        if (length == 0 || length == LARGEST_PACKET || length > size - at - HEAD || packet[3] != number
            || packet[HEAD] > LONGEST_ROW) {
            break;
        }
        PyObject *one = row(kinds, columns, functions, packet + HEAD, packet + HEAD + length);
        if (one == NULL) {
            if (PyErr_Occurred()) {
                return NULL;
            }
            break;
        }
        PyObject *added = PyObject_CallFunctionObjArgs(add, one, NULL);
        Py_DECREF(one);
        if (added == NULL) {
            return NULL;
        }
        Py_DECREF(added);
        at += HEAD + length;
        number = (number + 1) % 256;
    }
    return Py_BuildValue("ni", at, number);
}

static PyMethodDef methods[] = {{"many", many, METH_VARARGS, many_doc}, {NULL, NULL, 0, NULL}};

static int
fill(PyObject *module)
{
    return PyModule_AddStringConstant(module, "SOURCE", SOURCE);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        .m_name = "sghss_rows",
                                        .m_doc = "Reads rows of a result set.",
                                        .m_methods = methods,
                                        .m_slots = slots};

PyMODINIT_FUNC
PyInit_sghss_rows(void)
{
    return PyModuleDef_Init(&definition);
}

/* The hot loops, in C: the functions of `_native.py`, in the same order. It says what they take,
   what they return, and why. No pointer into a table is held where Python code can run: where
   `sieve` takes a header, and where it calls `ask` and reads the time that this returned. */
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { OTHER, CACHE, POLICY, SET_COOKIE };  // what a response's header is
enum { REQUIRED, ALLOWED, REFUSED, LOOK };  // what becomes of a cookie
enum { DEPENDS = 1, HAS_POLICY = 2 };  // what `sieve` found
enum { ENTRIES = 1024, MOST_NAMES = 640, MOST_BYTES = 256 };  // a table's bounds
enum { FACTORS = 2 + MOST_BYTES / 4 };  // for the size, each four bytes, and the rest

typedef struct {
    PyObject *name;  // bytes, or str of ASCII; NULL if the entry is free
    const char *text;  // of the name
    Py_ssize_t size;
    double number;
} Entry;

typedef struct {
    PyObject_HEAD
    const uint64_t *factors;  // of the hash; NULL while the table is new
    Py_ssize_t used;
    Entry entries[ENTRIES];
} Table;

static void *wrong(void) { return PyErr_Format(PyExc_TypeError, "arguments of wrong types"); }

// Return the text of bytes, or of a str of ASCII; NULL for any other object.
static inline const char *text_of(PyObject *object, bool is_str, Py_ssize_t *size) {
    if (!is_str && PyBytes_CheckExact(object)) {
        *size = PyBytes_Size(object);
        return PyBytes_AsString(object);
    }
    const char *text = NULL;
    if (is_str && PyUnicode_CheckExact(object) && !(text = PyUnicode_AsUTF8AndSize(object, size)))
        PyErr_Clear();
    return text && PyUnicode_GetLength(object) == *size ? text : NULL;
}

// Return the entry of a name, or the free one where it belongs.
static inline Entry *entry_of(Table *table, const char *text, Py_ssize_t size) {
    // Multilinear hashing with random factors: nobody can choose names that collide.
    const uint64_t *factor = table->factors;
    uint64_t sum = *factor++ * (uint64_t)size;
    uint32_t word = 0;
    Py_ssize_t at = 0;
    for (; at + 4 <= size; at += 4) {
        memcpy(&word, text + at, 4);
        sum += *factor++ * word;
    }
    for (word = 0; at < size; at++)
        word = word << 8 | (unsigned char)text[at];
    for (sum = (sum + *factor * word) >> 32;; sum++) {
        Entry *entry = &table->entries[sum % ENTRIES];
        if (!entry->name || (entry->size == size && memcmp(entry->text, text, size) == 0))
            return entry;
    }
}

// Return a name's number; NULL if the table lacks it.
static inline const double *look_up(Table *table, const char *text, Py_ssize_t size) {
    if (!text || size > MOST_BYTES || !table->used)
        return NULL;
    Entry *entry = entry_of(table, text, size);
    return entry->name ? &entry->number : NULL;
}

static PyObject *table_clear(Table *table, PyObject *Py_UNUSED(none)) {
    for (Entry *entry = table->entries; entry < table->entries + ENTRIES; entry++)
        Py_CLEAR(entry->name);
    table->used = 0;
    Py_RETURN_NONE;
}

static void table_dealloc(Table *table) {
    PyTypeObject *type = Py_TYPE((PyObject *)table);
    Py_DECREF(table_clear(table, NULL));
    PyObject_Free(table);
    Py_DECREF(type);
}

static const double *table_find(Table *table, PyObject *name) {
    Py_ssize_t size = 0;
    const char *text = text_of(name, PyUnicode_CheckExact(name), &size);
    return look_up(table, text, size);
}

static PyObject *table_subscript(Table *table, PyObject *name) {
    const double *number = table_find(table, name);
    if (!number)
        PyErr_SetObject(PyExc_KeyError, name);
    return number ? PyFloat_FromDouble(*number) : NULL;
}

static int table_assign(Table *table, PyObject *name, PyObject *value) {
    Py_ssize_t size = 0;
    const char *text = text_of(name, PyUnicode_CheckExact(name), &size);
    double number = value ? PyFloat_AsDouble(value) : 0;
    if (!value || !(PyBytes_Check(name) || PyUnicode_Check(name)))
        wrong();
    if (PyErr_Occurred())
        return -1;
    if (!text || size > MOST_BYTES)
        return 0;  // not remembered
    if (table->used == MOST_NAMES)
        Py_DECREF(table_clear(table, NULL));
    table->factors = PyType_GetModuleState(Py_TYPE((PyObject *)table));
    Entry *entry = entry_of(table, text, size);
    PyObject *old = entry->name;
    *entry = (Entry){Py_NewRef(name), text, size, number};
    table->used += old == NULL;
    Py_XDECREF(old);
    return 0;
}

static int table_contains(Table *table, PyObject *name) { return table_find(table, name) != NULL; }
static Py_ssize_t table_length(Table *table) { return table->used; }
static PyMethodDef table_methods[] = {{"clear", (PyCFunction)table_clear, METH_NOARGS, NULL}, {0}};
static PyType_Slot table_slots[] = {{Py_tp_dealloc, table_dealloc}, {Py_tp_methods, table_methods},
    {Py_mp_length, table_length}, {Py_mp_subscript, table_subscript},
    {Py_mp_ass_subscript, table_assign}, {Py_sq_contains, table_contains}, {0}};
static PyType_Spec table_spec = {"cookiegate._speedups.Table", sizeof(Table), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, table_slots};
static inline Table *as_table(PyObject *object) {
    void *dealloc = PyType_GetSlot(Py_TYPE(object), Py_tp_dealloc);
    return dealloc == (void *)table_dealloc ? (Table *)object : NULL;
}

#define ARGUMENTS PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count
static inline bool is_pair(PyObject *it) { return PyTuple_CheckExact(it) && PyTuple_Size(it) == 2; }

static inline PyObject *sieve_either(PyObject *const *args, Py_ssize_t count, bool is_str) {
    Table *kinds, *deletes, *outcomes = NULL;
    if (count != 8 || !PyIter_Check(args[0]) || !PyList_CheckExact(args[1])
        || !PyList_CheckExact(args[2]) || !(kinds = as_table(args[3]))
        || !(deletes = as_table(args[4])))
        return wrong();
    PyObject *kept = args[1], *lines = args[2], *asked = Py_NewRef(args[5]), *line = NULL, *pair;
    double now = 0;
    long found = 0;
    while ((pair = PyIter_Next(args[0]))) {
        // Exact types: any other could read differently the second time.
        if (!is_pair(pair))
            goto look;
        Py_ssize_t name_size = 0, size = 0;
        const char *name = text_of(PyTuple_GetItem(pair, 0), is_str, &name_size);
        const char *value = text_of(PyTuple_GetItem(pair, 1), is_str, &size);
        const double *kind = look_up(kinds, name, name_size);
        if (!kind || !value || memchr(value, '\n', size) || memchr(value, '\r', size))
            goto look;
        if (*kind == SET_COOKIE) {
            if (asked == Py_None) {
                Py_DECREF(asked);
                asked = PyObject_CallFunctionObjArgs(args[6], args[7], NULL);
            }
            if (!outcomes) {
                bool is_right = asked && PyTuple_CheckExact(asked) && PyTuple_Size(asked) == 3;
                outcomes = is_right ? as_table(PyTuple_GetItem(asked, 0)) : NULL;
                now = outcomes ? PyFloat_AsDouble(PyTuple_GetItem(asked, 1)) : 0;
                if (PyErr_Occurred() || (!outcomes && !wrong()))
                    goto fail;
            }
            const char *end = value + size, *equals = memchr(value, '=', size);
            const double *outcome = look_up(outcomes, value, (equals ? equals : end) - value);
            if (!outcome || !equals || memchr(value, 0, size) || *outcome >= LOOK)
                goto look;
            if (*outcome == REFUSED) {
                const char *semicolon = memchr(equals, ';', end - equals);
                const char *after = semicolon ? semicolon + 1 : end;
                const double *since = look_up(deletes, after, end - after);
                if (!since || *since <= now)
                    goto look;
            }
            found |= *outcome == REQUIRED ? 0 : DEPENDS;
            if (*outcome == REFUSED) {
                Py_DECREF(pair);
                continue;
            }
        } else if (*kind == CACHE) {
            line = PyLong_FromSsize_t(PyList_Size(kept));
            if (!line || PyList_Append(lines, line) < 0)
                goto fail;
            Py_CLEAR(line);
        } else if (*kind == POLICY)
            found |= HAS_POLICY;
        if (PyList_Append(kept, pair) < 0)
            goto fail;
        Py_DECREF(pair);
    }
    Py_DECREF(asked);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(found);
look:
    return Py_BuildValue("(NlN)", pair, found, asked);
fail:
    Py_DECREF(pair);
    Py_XDECREF(line);
    Py_XDECREF(asked);
    return NULL;
}

static PyObject *sieve(ARGUMENTS) { return sieve_either(args, count, false); }
static PyObject *sieve_text(ARGUMENTS) { return sieve_either(args, count, true); }

static PyObject *scan(ARGUMENTS) {
    Table *known = count == 2 ? as_table(args[1]) : NULL;
    if (!known)
        return wrong();
    PyObject *found = PyDict_New();
    Py_ssize_t size, at = 0, most = PyList_CheckExact(args[0]) ? PyList_Size(args[0]) : -1;
    for (Py_ssize_t read = 0; found && at < most; at++) {
        PyObject *pair = PyList_GetItem(args[0], at);
        PyObject *name = is_pair(pair) ? PyTuple_GetItem(pair, 0) : Py_None;
        const char *text = text_of(name, false, &size);
        const double *is_read = look_up(known, text, size);
        if (is_read && !*is_read)
            continue;
        if (!is_read || PyDict_SetItem(found, name, PyTuple_GetItem(pair, 1)) < 0
            || PyDict_Size(found) != ++read)
            break;
    }
    if (found && at == most)
        return found;  // nothing is missing
    Py_XDECREF(found);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *is_refused(ARGUMENTS) {
    Table *refused = count == 3 ? as_table(args[1]) : NULL;
    Py_ssize_t size = 0;
    const char *pair = refused ? text_of(args[0], false, &size) : NULL;
    unsigned long limit = pair ? (unsigned long)PyLong_AsLong(args[2]) : 0;
    PyObject *unknown = pair && !PyErr_Occurred() ? PyList_New(0) : wrong();
    for (const char *end = pair ? pair + size : NULL; unknown && pair;) {
        const char *semicolon = limit-- == 0 ? NULL : memchr(pair, ';', end - pair);
        const char *stop = semicolon ? semicolon : end, *equals = memchr(pair, '=', stop - pair);
        const double *found = look_up(refused, pair, size = (equals ? equals : stop) - pair);
        PyObject *name = found ? NULL : PyBytes_FromStringAndSize(pair, size);
        if (found ? *found != 0 : !name || PyList_Append(unknown, name) < 0)
            Py_CLEAR(unknown);
        Py_XDECREF(name);
        pair = semicolon ? semicolon + 1 : NULL;
    }
    return unknown || PyErr_Occurred() ? unknown : PyBool_FromLong(1);
}

static const char *find(const char *text, const char *end, const char *part, Py_ssize_t size) {
    for (; end - text >= size && (text = memchr(text, *part, end - text - size + 1)); text++)
        if (memcmp(text, part, size) == 0)
            return text;
    return NULL;
}

static PyObject *consent_value(ARGUMENTS) {
    Py_ssize_t size = 0, name_size = 0;
    const char *header = count == 2 ? text_of(args[0], false, &size) : NULL;
    const char *name = count == 2 ? text_of(args[1], false, &name_size) : NULL;
    if (!header || !name_size)
        return wrong();
    const char *end = header + size, *start = find(header, end, name, name_size);
    if (!start)
        Py_RETURN_FALSE;
    const char *value = start + name_size;
    if (value == end || *value++ != '=' || find(value - 1, end, name, name_size)
        || (start != header && (start - header < 2 || memcmp(start - 2, "; ", 2) != 0)))
        Py_RETURN_TRUE;
    const char *semicolon = memchr(value, ';', end - value);
    end = semicolon ? semicolon : end;
    if (value < end && (strchr(" \t", *value) || strchr(" \t", end[-1])))
        Py_RETURN_TRUE;
    return PyBytes_FromStringAndSize(value, end - value);
}

#define FUNCTION(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}
static PyMethodDef functions[] = {FUNCTION(sieve), FUNCTION(sieve_text), FUNCTION(scan),
    FUNCTION(is_refused), FUNCTION(consent_value), {0}};

static int prepare(PyObject *module) {
    uint64_t *factors = PyModule_GetState(module);
    for (int at = 0; at < FACTORS; at++) {
        PyObject *text = PyUnicode_FromFormat("cookiegate %d", at);
        if (!text)
            return -1;
        // Random in each process, and of 32 bits on some machines.
        factors[at] = (uint64_t)PyObject_Hash(text) * 0x9E3779B97F4A7C15;
        Py_DECREF(text);
    }
    PyObject *table = PyType_FromModuleAndSpec(module, &table_spec, NULL);
    int failed = PyModule_AddObjectRef(module, "new_table", table);
    Py_XDECREF(table);
    return failed;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, prepare}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "cookiegate._speedups", NULL,
                                        FACTORS * sizeof(uint64_t), functions, slots, 0, 0, 0};
PyMODINIT_FUNC PyInit__speedups(void) { return PyModuleDef_Init(&definition); }

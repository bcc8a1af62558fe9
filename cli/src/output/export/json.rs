//! Objects of nested keys, printed so that no text controls a terminal.

use serde_json::{Map, Value};

use crate::output::escape;

/// Puts a value at a path of keys that are separated by dots; a path that ends in `[]` is a list,
/// to which the value is added.
pub(super) fn put(object: &mut Map<String, Value>, path: &str, value: impl Into<Value>) {
    if let Some((first, rest)) = path.split_once('.') {
        let inner = object.entry(first).or_insert_with(|| Map::new().into());
        if let Value::Object(inner) = inner {
            put(inner, rest, value);
        }
        return;
    }
    match path.strip_suffix("[]") {
        None => drop(object.insert(path.to_owned(), value.into())),
        Some(name) => {
            let list = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(value.into());
            }
        }
    }
}

/// Appends a value.
pub(super) fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => escape::json(out, text.as_bytes()),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Value::Object(object) => write_object(out, object),
        plain => out.extend_from_slice(plain.to_string().as_bytes()),
    }
}

/// Appends an object.
pub(super) fn write_object(out: &mut Vec<u8>, object: &Map<String, Value>) {
    out.push(b'{');
    for (at, (key, value)) in object.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        escape::json(out, key.as_bytes());
        out.push(b':');
        write(out, value);
    }
    out.push(b'}');
}

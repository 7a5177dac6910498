//! Values as bytes, between parts of one program that were built together: the page and what it
//! fetches when that is asked for.
//!
//! No file format: nothing says which version it is, and nothing of it is stored. Files are the
//! business of [`crate::scenario`] and [`crate::trace`], and what came out of one was looked at there.
//! Reading never panics, and takes no more memory than a small multiple of what is read.

mod model;

use std::collections::VecDeque;
use std::rc::Rc;

/// Can be written as bytes.
pub trait Put {
    /// Appends the bytes that stand for this value.
    fn put(&self, out: &mut Vec<u8>);

    /// The bytes that stand for this value.
    fn to_wire(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }
}

/// Can be read from bytes.
pub trait Take: Sized {
    /// Takes the bytes that stand for a value from the front; `None` when they stand for none.
    fn take(from: &mut &[u8]) -> Option<Self>;

    /// The value that all of these bytes stand for.
    fn from_wire(mut bytes: &[u8]) -> Option<Self> {
        let value = Self::take(&mut bytes)?;
        bytes.is_empty().then_some(value)
    }
}

/// Writes and reads a type by its parts, in the order in which they are listed.
///
/// A part that is not listed does not compile. Variants carry a number, from 0 to 255.
///
/// ```
/// use scheduler_model::wire::{Put, Take};
///
/// #[derive(Debug, PartialEq)]
/// enum Shape {
///     Circle { radius: u32 },
///     Line(u64, u64),
///     Point,
/// }
/// scheduler_model::wire!(enum Shape { 0 Circle { radius }, 1 Line(from, to), 2 Point });
///
/// let bytes = Shape::Line(1, 300).to_wire();
/// assert_eq!(Shape::from_wire(&bytes), Some(Shape::Line(1, 300)));
/// assert_eq!(Shape::from_wire(&[3]), None);
/// ```
#[macro_export]
macro_rules! wire {
    (struct $name:ty { $($field:ident),* $(,)? }) => {
        impl $crate::wire::Put for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::wire::Put::put($field, out);)*
            }
        }

        impl $crate::wire::Take for $name {
            fn take(from: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::wire::Take::take(from)?),* })
            }
        }
    };
    (enum $name:ty {
        $($number:literal $variant:ident
            $(( $($part:ident),* ))?
            $({ $($field:ident),* $(,)? })?
        ),* $(,)?
    }) => {
        impl $crate::wire::Put for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(( $($part),* ))? $({ $($field),* })? => {
                        out.push($number);
                        $($($crate::wire::Put::put($part, out);)*)?
                        $($($crate::wire::Put::put($field, out);)*)?
                    })*
                }
            }
        }

        impl $crate::wire::Take for $name {
            fn take(from: &mut &[u8]) -> Option<Self> {
                let number: u8 = $crate::wire::Take::take(from)?;
                match number {
                    $($number => Some(Self::$variant
                        $(( $({
                            let $part = $crate::wire::Take::take(from)?;
                            $part
                        }),* ))?
                        $({ $($field: $crate::wire::Take::take(from)?),* })?
                    ),)*
                    _ => None,
                }
            }
        }
    };
}

impl<T: Put + ?Sized> Put for &T {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

impl Put for u64 {
    /// Seven bits a byte, the lowest first (LEB128): most numbers are small.
    fn put(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        out.push(rest.to_le_bytes()[0]);
    }
}

impl Take for u64 {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let mut number = 0;
        for shift in (0..Self::BITS).step_by(7) {
            let byte = u8::take(from)?;
            number |= Self::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

impl Put for u8 {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
}

impl Take for u8 {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let (&first, rest) = from.split_first()?;
        *from = rest;
        Some(first)
    }
}

/// Written as `u64`.
macro_rules! number {
    ($($name:ty),*) => {$(
        impl Put for $name {
            fn put(&self, out: &mut Vec<u8>) {
                u64::from(*self).put(out);
            }
        }

        impl Take for $name {
            fn take(from: &mut &[u8]) -> Option<Self> {
                u64::take(from)?.try_into().ok()
            }
        }
    )*};
}

number!(u16, u32);

impl Put for usize {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u64).put(out);
    }
}

impl Take for usize {
    fn take(from: &mut &[u8]) -> Option<Self> {
        u64::take(from)?.try_into().ok()
    }
}

impl Put for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push((*self).into());
    }
}

impl Take for bool {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(u8::take(from)? != 0)
    }
}

impl Put for char {
    fn put(&self, out: &mut Vec<u8>) {
        u32::from(*self).put(out);
    }
}

impl Take for char {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Self::from_u32(u32::take(from)?)
    }
}

impl Put for f64 {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.to_bits().to_le_bytes());
    }
}

impl Take for f64 {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let (bytes, rest) = from.split_first_chunk()?;
        *from = rest;
        Some(Self::from_le_bytes(*bytes))
    }
}

impl Put for str {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        out.extend(self.as_bytes());
    }
}

impl Put for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().put(out);
    }
}

impl Take for String {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::try_from(u64::take(from)?).ok()?;
        let (text, rest) = from.split_at_checked(length)?;
        *from = rest;
        Self::from_utf8(text.to_vec()).ok()
    }
}

impl<T: Put> Put for [T] {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        for one in self {
            one.put(out);
        }
    }
}

impl<T: Put> Put for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_slice().put(out);
    }
}

impl<T: Take> Take for Vec<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = u64::take(from)?;
        // Each is at least one byte: what is claimed beyond that is no reason to reserve memory.
        let mut all = Self::with_capacity(usize::try_from(length).ok()?.min(from.len()));
        for _ in 0..length {
            all.push(T::take(from)?);
        }
        Some(all)
    }
}

impl<T: Put, const N: usize> Put for [T; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_slice().put(out);
    }
}

impl<T: Take, const N: usize> Take for [T; N] {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Vec::take(from)?.try_into().ok()
    }
}

impl<T: Put> Put for VecDeque<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for one in self {
            one.put(out);
        }
    }
}

impl<T: Take> Take for VecDeque<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Vec::take(from).map(Self::from)
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
}

impl<T: Take> Take for Option<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<T: Put> Put for Rc<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

impl<T: Take> Take for Rc<T> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        T::take(from).map(Self::new)
    }
}

impl<A: Put, B: Put> Put for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
}

impl<A: Take, B: Take> Take for (A, B) {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<T: Put, E: Put> Put for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }
}

impl<T: Take, E: Take> Take for Result<T, E> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(if bool::take(from)? { Ok(T::take(from)?) } else { Err(E::take(from)?) })
    }
}

impl Put for () {
    fn put(&self, _: &mut Vec<u8>) {}
}

impl Take for () {
    fn take(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

#[cfg(test)]
mod tests;

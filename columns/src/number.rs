//! Columns of integers, times and flags.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, TimestampMicrosecondType};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, TimestampMicrosecondArray};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};
use loginrec::Timestamp;

use crate::nulls::Nulls;

/// Numbers of one Arrow type.
#[derive(Debug)]
pub(crate) struct NumberColumn<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    nulls: Nulls,
}

impl<T: ArrowPrimitiveType> NumberColumn<T> {
    /// Makes room for `capacity` numbers, after `nulls` rows without one.
    pub(crate) fn new(nulls: usize, capacity: usize) -> NumberColumn<T> {
        let mut values = Vec::with_capacity(capacity.max(nulls));
        values.resize(nulls, T::Native::default());
        NumberColumn { values, nulls: Nulls::leading(nulls) }
    }

    #[inline]
    pub(crate) fn push(&mut self, number: T::Native) {
        self.values.push(number);
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.values.len());
        self.values.push(T::Native::default());
    }

    /// Adds the number; null if it is out of range.
    #[inline]
    pub(crate) fn try_push<N>(&mut self, number: N)
    where
        T::Native: TryFrom<N>,
    {
        match T::Native::try_from(number) {
            Ok(number) => self.push(number),
            Err(_) => self.push_null(),
        }
    }

    fn finish_primitive(self) -> PrimitiveArray<T> {
        let nulls = self.nulls.finish(self.values.len());
        PrimitiveArray::new(ScalarBuffer::from(self.values), nulls)
    }

    pub(crate) fn finish(self) -> ArrayRef {
        Arc::new(self.finish_primitive())
    }
}

impl NumberColumn<TimestampMicrosecondType> {
    /// Adds a time that has a calendar form; null if it is in the year 0, which Python's `datetime`
    /// does not have.
    #[inline]
    pub(crate) fn push_time(&mut self, Timestamp { tv_sec, tv_usec }: Timestamp) {
        const YEAR_1: i64 = -62_135_596_800;
        let micros = tv_sec.checked_mul(1_000_000).and_then(|micros| micros.checked_add(tv_usec));
        match micros {
            Some(micros) if tv_sec >= YEAR_1 => self.push(micros),
            _ => self.push_null(),
        }
    }

    pub(crate) fn finish_times(self) -> ArrayRef {
        let times: TimestampMicrosecondArray = self.finish_primitive();
        Arc::new(times.with_timezone("UTC"))
    }
}

/// True or false.
#[derive(Debug)]
pub(crate) struct FlagColumn {
    values: Vec<bool>,
    nulls: Nulls,
}

impl FlagColumn {
    pub(crate) fn new(nulls: usize, capacity: usize) -> FlagColumn {
        let mut values = Vec::with_capacity(capacity.max(nulls));
        values.resize(nulls, false);
        FlagColumn { values, nulls: Nulls::leading(nulls) }
    }

    pub(crate) fn push(&mut self, flag: bool) {
        self.values.push(flag);
    }

    pub(crate) fn push_null(&mut self) {
        self.nulls.push(self.values.len());
        self.values.push(false);
    }

    pub(crate) fn finish(self) -> ArrayRef {
        let nulls = self.nulls.finish(self.values.len());
        Arc::new(BooleanArray::new(BooleanBuffer::from(self.values), nulls))
    }
}

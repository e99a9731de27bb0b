//! A growable set of small integers, one bit for each.

use std::collections::HashSet;
use std::fmt;
use std::iter::FromIterator;
use std::num::ParseIntError;
use std::ops::{BitAnd, BitOr};
use std::str::FromStr;

const BITS: usize = u64::BITS as usize;

/// Integers from zero up; memory grows with the greatest of them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    pub fn new() -> Self {
        BitSet { words: Vec::new() }
    }

    /// An empty set with room for integers below `capacity`.
    pub fn with_capacity(capacity: usize) -> Self {
        BitSet {
            words: Vec::with_capacity((capacity + BITS - 1) / BITS),
        }
    }

    /// Adds `value`; returns whether it was missing.
    pub fn insert(&mut self, value: usize) -> bool {
        let (word, mask) = locate(value);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let missing = self.words[word] & mask == 0;
        self.words[word] |= mask;
        missing
    }

    /// Removes `value`; returns whether it was there.
    pub fn remove(&mut self, value: usize) -> bool {
        let (word, mask) = locate(value);
        if word >= self.words.len() {
            return false;
        }
        let present = self.words[word] & mask != 0;
        self.words[word] &= !mask;
        self.shrink();
        present
    }

    pub fn contains(&self, value: usize) -> bool {
        let (word, mask) = locate(value);
        match self.words.get(word) {
            Some(bits) => bits & mask != 0,
            None => false,
        }
    }

    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            (0..BITS)
                .filter(move |bit| word & (1 << bit) != 0)
                .map(move |bit| index * BITS + bit)
        })
    }

    /// Drops empty words at the end, so that equal sets have equal words.
    fn shrink(&mut self) {
        while let Some(&0) = self.words.last() {
            self.words.pop();
        }
    }
}

fn locate(value: usize) -> (usize, u64) {
    (value / BITS, 1 << (value % BITS))
}

impl BitOr for &BitSet {
    type Output = BitSet;

    fn bitor(self, other: &BitSet) -> BitSet {
        let mut result = self.clone();
        for value in other.iter() {
            result.insert(value);
        }
        result
    }
}

impl BitAnd for &BitSet {
    type Output = BitSet;

    fn bitand(self, other: &BitSet) -> BitSet {
        self.iter().filter(|value| other.contains(*value)).collect()
    }
}

impl FromIterator<usize> for BitSet {
    fn from_iter<I: IntoIterator<Item = usize>>(values: I) -> Self {
        let mut set = BitSet::new();
        for value in values {
            set.insert(value);
        }
        set
    }
}

impl FromStr for BitSet {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|part| part.trim().parse::<usize>()).collect()
    }
}

impl fmt::Debug for BitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_hash_set() {
        let values = [3, 64, 1000, 3];
        let set: BitSet = values.iter().copied().collect();
        let expected: HashSet<usize> = values.iter().copied().collect();
        assert_eq!(set.len(), expected.len());
        assert!(set.iter().all(|value| expected.contains(&value)));
    }

    #[test]
    fn removing_what_is_missing_changes_nothing() {
        let mut set = BitSet::with_capacity(10);
        assert!(!set.remove(7));
        assert!(set.is_empty());
    }
}

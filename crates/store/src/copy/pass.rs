//! One pass over all units: what differs is copied, read back and compared. What a pass found unchanged since it was last compared is
//! passed over, so that the last pass, during which nobody can write, is short.

use super::checksum::{checksum, stamped};
use super::{Content, CopyError, Copyable, UnitId};
use crate::error::StoreError;
use crate::pipeline::in_order;
use std::collections::HashMap;

/// Units on a page, on average and at most. A page is compared, copied and remembered as one: what is remembered of it is 48 bytes.
const PAGE: u64 = 16;
const PAGE_MAX: usize = 64;

/// Pages compared at once.
const TOGETHER: usize = 4;

/// Units listed at once.
const LISTED: usize = 2048;

/// How many units there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users, with those that are deleted.
    pub users: u64,
    /// Chat groups.
    pub chat_groups: u64,
    /// The others: the applications together, and a directory for each application that has chat groups.
    pub others: u64,
}

impl Counts {
    fn count(&mut self, id: &UnitId) {
        match id {
            UnitId::User(..) => self.users += 1,
            UnitId::ChatGroup(..) => self.chat_groups += 1,
            UnitId::Applications | UnitId::Directory(_) => self.others += 1,
        }
    }

    /// All of them.
    pub fn units(&self) -> u64 {
        self.users + self.chat_groups + self.others
    }
}

/// What was found of a page when it was last compared.
#[derive(Debug, Clone, Copy)]
struct Page {
    /// Of the names and stamps of its units.
    stamps: u64,
    /// The sum of the checksums of its units, which both stores have.
    checksum: u128,
}

/// What earlier passes found, by the hash of the last unit of each page. A page ends with a unit of a certain hash, whatever comes and
/// goes around it.
#[derive(Debug)]
pub(super) struct Memory {
    pages: HashMap<u64, Page>,
    seed: u64,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { pages: HashMap::new(), seed: fastrand::u64(..) }
    }
}

/// How a pass goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Passes over what is known to be unchanged.
    Quick,
    /// Compares the content of all.
    Whole,
}

/// What a pass came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passed {
    pub(super) counts: Counts,
    /// The sum of the checksums of all units.
    pub(super) checksum: u128,
    pub(super) copied: u64,
}

struct Chunk {
    ids: Vec<UnitId>,
    key: u64,
    stamps: u64,
}

/// A pass. `tell` hears of the units seen and of those copied.
pub(super) async fn pass<S: Copyable, D: Copyable>(
    from: &S,
    to: &D,
    memory: &mut Memory,
    manner: Manner,
    tell: &(dyn Fn(u64, u64) + Sync),
) -> Result<Passed, CopyError> {
    let mut passed = Passed::default();
    let (mut pages, mut waiting) = (HashMap::with_capacity(memory.pages.len()), Vec::new());
    let mut chunk = Chunk { ids: Vec::new(), key: 0, stamps: 0 };
    let mut after = None;
    loop {
        let listed = from.stamps(after.as_ref(), LISTED).await.map_err(CopyError::Source)?;
        let ended = listed.is_empty();
        after = listed.last().map(|(id, _)| id.clone());
        for (id, stamp) in listed {
            passed.counts.count(&id);
            chunk.key = stamped(&id, 0, memory.seed);
            // A sum, since a unit that comes or goes is another summand.
            chunk.stamps = chunk.stamps.wrapping_add(stamped(&id, stamp, memory.seed));
            chunk.ids.push(id);
            if chunk.key.is_multiple_of(PAGE) || chunk.ids.len() == PAGE_MAX {
                waiting.push(std::mem::replace(&mut chunk, Chunk { ids: Vec::new(), key: 0, stamps: 0 }));
            }
        }
        if ended && !chunk.ids.is_empty() {
            waiting.push(std::mem::replace(&mut chunk, Chunk { ids: Vec::new(), key: 0, stamps: 0 }));
        }
        let known = |chunk: &Chunk| memory.pages.get(&chunk.key).filter(|page| page.stamps == chunk.stamps);
        if manner == Manner::Quick {
            waiting.retain(|chunk| match known(chunk) {
                Some(page) => {
                    pages.insert(chunk.key, *page);
                    passed.checksum = passed.checksum.wrapping_add(page.checksum);
                    false
                }
                None => true,
            });
        }
        for chunks in waiting.chunks(TOGETHER) {
            let mending = chunks.iter().map(|chunk| Box::pin(mend(from, to, &chunk.ids))).collect();
            for (chunk, (checksum, copied)) in chunks.iter().zip(in_order(mending).await?) {
                pages.insert(chunk.key, Page { stamps: chunk.stamps, checksum });
                passed.checksum = passed.checksum.wrapping_add(checksum);
                passed.copied += copied;
            }
            tell(passed.counts.units(), passed.copied);
        }
        waiting.clear();
        tell(passed.counts.units(), passed.copied);
        if ended {
            memory.pages = pages;
            return Ok(passed);
        }
    }
}

fn sum(id: &UnitId, content: Option<&Content>) -> Option<u128> {
    content.map(|content| checksum(id, content))
}

/// Makes units of the destination what they are at the source; their checksums together, and how many had to be copied.
async fn mend<S: Copyable, D: Copyable>(from: &S, to: &D, ids: &[UnitId]) -> Result<(u128, u64), CopyError> {
    let wanted = from.units(ids).await.map_err(CopyError::Source)?;
    let found = to.units(ids).await.map_err(CopyError::Destination)?;
    let mut total = 0_u128;
    let (mut changed, mut sums, mut units) = (Vec::new(), Vec::new(), Vec::new());
    for ((id, wanted), found) in ids.iter().zip(wanted).zip(&found) {
        let checksum = sum(id, wanted.as_ref());
        total = total.wrapping_add(checksum.unwrap_or_default());
        if checksum != sum(id, found.as_ref()) {
            changed.push(id.clone());
            sums.push(checksum);
            units.push((id.clone(), wanted));
        }
    }
    if !units.is_empty() {
        to.put(units).await.map_err(CopyError::Destination)?;
        let kept = to.units(&changed).await.map_err(CopyError::Destination)?;
        for ((id, checksum), kept) in changed.iter().zip(&sums).zip(&kept) {
            if sum(id, kept.as_ref()) != *checksum {
                return Err(CopyError::NotKept(id.clone()));
            }
        }
    }
    Ok((total, changed.len() as u64))
}

/// Removes what only the destination has; how many units that were.
pub(super) async fn remove_strays<S: Copyable, D: Copyable>(from: &S, to: &D) -> Result<u64, CopyError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let ids = to.ids(after.as_ref(), LISTED).await.map_err(CopyError::Destination)?;
        if ids.is_empty() {
            return Ok(removed);
        }
        after = ids.last().cloned();
        let present = from.present(&ids).await.map_err(CopyError::Source)?;
        let strays: Vec<_> =
            ids.into_iter().zip(present).filter(|(_, there)| !there).map(|(id, _)| (id, None)).collect();
        removed += strays.len() as u64;
        for strays in strays.chunks(PAGE_MAX) {
            to.put(strays.to_vec()).await.map_err(CopyError::Destination)?;
        }
    }
}

/// How many units a store has.
pub(super) async fn count(store: &impl Copyable) -> Result<u64, StoreError> {
    let (mut after, mut units) = (None, 0);
    loop {
        let ids = store.ids(after.as_ref(), LISTED).await?;
        if ids.is_empty() {
            return Ok(units);
        }
        units += ids.len() as u64;
        after = ids.last().cloned();
    }
}

/// How two stores differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The units of the one store, by kind.
    pub counts: Counts,
    /// How many units the other has.
    pub other_units: u64,
    /// The sum of the checksums of all units, in the one store and in the other.
    pub checksums: (u128, u128),
    /// Some of the units that are not the same in both.
    pub differing: Vec<UnitId>,
}

/// Units told of by name.
const TOLD: usize = 10;

impl Differences {
    /// Whether there are none.
    pub fn none(&self) -> bool {
        self.differing.is_empty() && self.counts.units() == self.other_units && self.checksums.0 == self.checksums.1
    }
}

/// Reads all of two stores and compares them; it writes nothing.
///
/// # Errors
/// Where one of them cannot be read.
pub async fn compare<S: Copyable, D: Copyable>(one: &S, other: &D) -> Result<Differences, CopyError> {
    let mut differences =
        Differences { other_units: count(other).await.map_err(CopyError::Destination)?, ..Differences::default() };
    let mut after = None;
    loop {
        let ids = one.ids(after.as_ref(), PAGE_MAX).await.map_err(CopyError::Source)?;
        if ids.is_empty() {
            return Ok(differences);
        }
        let here = one.units(&ids).await.map_err(CopyError::Source)?;
        let there = other.units(&ids).await.map_err(CopyError::Destination)?;
        for ((id, here), there) in ids.iter().zip(&here).zip(&there) {
            differences.counts.count(id);
            let (here, there) = (sum(id, here.as_ref()), sum(id, there.as_ref()));
            let (one, other) = differences.checksums;
            differences.checksums =
                (one.wrapping_add(here.unwrap_or_default()), other.wrapping_add(there.unwrap_or_default()));
            if here != there && differences.differing.len() < TOLD {
                differences.differing.push(id.clone());
            }
        }
        after = ids.last().cloned();
    }
}

//! Applications whose data was read whole, kept in memory: resets read all data of an application each time, and from fjall they would
//! read every version of each record that is not yet compacted away. The writer has them, reads from them and keeps them as its
//! commits leave the files.

use super::keys::{self, AppRange, Key};
use super::reader;
use crate::error::StoreError;
use fjall::Keyspace;
use std::collections::{BTreeMap, BTreeSet};

/// What a pair costs beside its bytes, about.
const PAIR_BYTES: usize = 96;
/// What a range costs beside its pairs, about: one of an application that was emptied costs something, too.
const RANGE_BYTES: usize = 128;

/// Keys with their values.
pub(super) type Pairs = BTreeMap<Key, Vec<u8>>;

/// The keys of some applications with their values, as they are on disk.
#[derive(Debug, Default)]
pub(super) struct Mirrors {
    /// By what their keys begin with.
    ranges: BTreeMap<AppRange, Mirror>,
    /// Bytes of all together, and the most that they may have.
    bytes: usize,
    bytes_max: usize,
    /// How often one was asked for.
    asked: u64,
}

#[derive(Debug)]
struct Mirror {
    pairs: Pairs,
    bytes: usize,
    /// When it was asked for last, by the number of times that any was.
    asked: u64,
}

fn cost(key: &[u8], value: &[u8]) -> usize {
    key.len() + value.len() + PAIR_BYTES
}

impl Mirrors {
    /// None yet, of so many bytes at most.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, ..Self::default() }
    }

    /// Has these ranges from now on, or goes on having them, where all of them have room together.
    pub(super) fn keep(&mut self, keyspace: &Keyspace, ranges: &[AppRange]) -> Result<(), StoreError> {
        self.asked += 1;
        let mut room = self.bytes_max;
        for range in ranges {
            let mirror = match self.ranges.remove(range) {
                Some(mirror) => {
                    self.bytes -= mirror.bytes;
                    Some(mirror).filter(|mirror| mirror.bytes <= room)
                }
                None => read(keyspace, range, room)?,
            };
            let Some(mut mirror) = mirror else {
                for range in ranges {
                    self.forget(range);
                }
                return Ok(());
            };
            mirror.asked = self.asked;
            room -= mirror.bytes;
            self.bytes += mirror.bytes;
            self.ranges.insert(*range, mirror);
        }
        self.make_room();
        Ok(())
    }

    /// All pairs of the range that a key is in, where it is here.
    pub(super) fn around(&self, key: &[u8]) -> Option<&Pairs> {
        self.ranges.get(&keys::app_range(key)?).map(|mirror| &mirror.pairs)
    }

    /// All pairs of the range that the keys from `from` to `to` (not included) are in, where it is here.
    pub(super) fn around_all(&self, from: &[u8], to: &[u8]) -> Option<&Pairs> {
        let end = keys::after_all(&keys::app_range(from)?);
        self.around(from).filter(|_| *to <= *end)
    }

    /// Takes what a commit changed.
    pub(super) fn take(&mut self, changed: BTreeMap<Key, Option<Vec<u8>>>) {
        if self.ranges.is_empty() {
            return;
        }
        for (key, value) in changed {
            let Some(mirror) = keys::app_range(&key).and_then(|range| self.ranges.get_mut(&range)) else { continue };
            let more = value.as_ref().map_or(0, |value| cost(&key, value));
            let less = match value {
                Some(value) => mirror.pairs.insert(key.clone(), value).map_or(0, |old| cost(&key, &old)),
                None => mirror.pairs.remove(&key).map_or(0, |old| cost(&key, &old)),
            };
            mirror.bytes = mirror.bytes + more - less;
            self.bytes = self.bytes + more - less;
        }
        self.make_room();
    }

    fn forget(&mut self, range: &AppRange) {
        if let Some(mirror) = self.ranges.remove(range) {
            self.bytes -= mirror.bytes;
        }
    }

    /// Lets go of those that were not asked for for the longest time. The ranges of one application are kept or go together.
    fn make_room(&mut self) {
        while self.bytes > self.bytes_max
            && let Some(oldest) = self.ranges.values().map(|mirror| mirror.asked).min()
        {
            let gone: BTreeSet<AppRange> =
                self.ranges.iter().filter(|(_, mirror)| mirror.asked == oldest).map(|(range, _)| *range).collect();
            for range in &gone {
                self.forget(range);
            }
        }
    }
}

/// A range of the files; nothing where it has more than so many bytes.
fn read(keyspace: &Keyspace, range: &AppRange, bytes_max: usize) -> Result<Option<Mirror>, StoreError> {
    let mut mirror = Mirror { pairs: Pairs::new(), bytes: RANGE_BYTES, asked: 0 };
    if mirror.bytes > bytes_max {
        return Ok(None);
    }
    for pair in keyspace.prefix(range).map(reader::pair) {
        let (key, value) = pair?;
        mirror.bytes += cost(&key, &value);
        if mirror.bytes > bytes_max {
            return Ok(None);
        }
        mirror.pairs.insert(key, value);
    }
    Ok(Some(mirror))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::overlay::{Changed, Overlay};
    use crate::embedded::reader::{Bytes as _, Pair};
    use cubby_domain::SdkAppId;
    use fjall::{Database, KeyspaceCreateOptions};
    use proptest::prelude::*;
    use tempfile::TempDir;

    const APP: SdkAppId = SdkAppId(7);

    /// A store on disk with the mirrors of its writer.
    struct Files {
        keyspace: Keyspace,
        mirrors: Mirrors,
        _database: Database,
        _directory: TempDir,
    }

    impl Files {
        fn new(bytes_max: usize) -> Self {
            let directory = TempDir::new().unwrap();
            let database = Database::builder(directory.path()).open().unwrap();
            let keyspace = database.keyspace("cubby", KeyspaceCreateOptions::default).unwrap();
            Self { keyspace, mirrors: Mirrors::new(bytes_max), _database: database, _directory: directory }
        }

        /// As the writer commits.
        #[expect(clippy::disallowed_methods, reason = "stands in for the engine's writer")]
        fn commit(&mut self, changed: Changed) {
            for (key, value) in &changed {
                match value {
                    Some(value) => self.keyspace.insert(key.as_slice(), value.as_slice()).unwrap(),
                    None => self.keyspace.remove(key.as_slice()).unwrap(),
                }
            }
            self.mirrors.take(changed);
        }

        fn put(&mut self, app: SdkAppId, chat_group: bool, n: u8, value: Option<&[u8]>) {
            self.commit(Changed::from([(key(app, chat_group, n), value.map(<[u8]>::to_vec))]));
        }

        fn keep(&mut self, app: SdkAppId) {
            self.mirrors.keep(&self.keyspace, &keys::app_ranges(app)).unwrap();
        }

        fn has(&self, app: SdkAppId) -> [bool; 2] {
            keys::app_ranges(app).map(|range| self.mirrors.ranges.contains_key(&range))
        }

        /// All pairs of an application as a command of the next batch reads them.
        fn read(&mut self, app: SdkAppId) -> Vec<Pair> {
            let overlay = Overlay::new(&self.keyspace, &mut self.mirrors);
            let ranges = keys::app_ranges(app);
            ranges.iter().flat_map(|from| overlay.range(from, &keys::after_all(from), u64::MAX).unwrap()).collect()
        }

        /// The same as they are on disk.
        fn on_disk(&self, app: SdkAppId) -> Vec<Pair> {
            let ranges = keys::app_ranges(app);
            ranges.iter().flat_map(|range| self.keyspace.prefix(range).map(|one| reader::pair(one).unwrap())).collect()
        }

        fn counted(&self) -> usize {
            let pairs = self.mirrors.ranges.values().flat_map(|mirror| &mirror.pairs);
            self.mirrors.ranges.len() * RANGE_BYTES + pairs.map(|(key, value)| cost(key, value)).sum::<usize>()
        }
    }

    fn key(app: SdkAppId, chat_group: bool, n: u8) -> Key {
        let [users, chat_groups] = keys::app_ranges(app);
        [if chat_group { chat_groups } else { users }.as_slice(), &[n]].concat()
    }

    #[test]
    fn what_is_kept_is_read_from_memory_alone() {
        let mut files = Files::new(1 << 20);
        files.put(APP, false, 1, Some(b"one"));
        files.keep(APP);
        // Nobody but the writer writes; this shows where the bytes come from.
        #[expect(clippy::disallowed_methods, reason = "stands in for the engine's writer")]
        files.keyspace.insert(key(APP, false, 2), b"behind its back").unwrap();
        assert_eq!(files.read(APP), [(key(APP, false, 1), b"one".to_vec())]);
        let overlay = Overlay::new(&files.keyspace, &mut files.mirrors);
        assert_eq!(overlay.get(&key(APP, false, 2)).unwrap(), None);
        assert_eq!(overlay.get(&key(APP, false, 1)).unwrap(), Some(b"one".to_vec()));
        assert_eq!(overlay.get(&key(SdkAppId(8), false, 1)).unwrap(), None, "of another, from the files");
    }

    #[test]
    fn one_that_is_too_large_is_not_kept_and_those_asked_for_long_ago_go_first() {
        let one = [7; 1000];
        let mut files = Files::new(3 * (cost(&key(APP, false, 0), &one) + 2 * RANGE_BYTES));
        for app in 1..=4 {
            files.put(SdkAppId(app), false, 0, Some(&one));
        }
        for app in [1, 2, 3, 1, 4] {
            files.keep(SdkAppId(app));
        }
        assert_eq!([1, 2, 3, 4].map(|app| files.has(SdkAppId(app))), [[true; 2], [false; 2], [true; 2], [true; 2]]);
        // One grows: those that were asked for before it go, and in the end it goes itself.
        let kept = |files: &Files| [1, 3, 4].map(|app| files.has(SdkAppId(app))[0]);
        files.put(SdkAppId(4), true, 1, Some(&one));
        assert_eq!(kept(&files), [true, false, true]);
        files.put(SdkAppId(4), true, 2, Some(&one));
        assert_eq!(kept(&files), [false, false, true]);
        files.put(SdkAppId(4), true, 3, Some(&one));
        assert_eq!(kept(&files), [false; 3]);
        assert_eq!((files.mirrors.bytes, files.counted()), (0, 0));
        files.keep(SdkAppId(4));
        assert_eq!(files.has(SdkAppId(4)), [false; 2]);
        files.put(SdkAppId(4), true, 3, None);
        files.keep(SdkAppId(4));
        assert_eq!(files.has(SdkAppId(4)), [true; 2]);
    }

    #[test]
    fn those_of_applications_that_were_emptied_go_too() {
        let mut files = Files::new(20 * RANGE_BYTES);
        for app in 0..100 {
            files.put(SdkAppId(app), false, 0, Some(b"x"));
            files.keep(SdkAppId(app));
            files.put(SdkAppId(app), false, 0, None);
        }
        assert!(files.mirrors.ranges.len() <= 20);
        assert_eq!(files.has(SdkAppId(99)), [true; 2]);
    }

    #[test]
    fn none_is_kept_where_there_is_no_room_at_all() {
        let mut files = Files::new(0);
        files.put(APP, false, 0, Some(b"x"));
        files.keep(APP);
        assert_eq!(files.has(APP), [false; 2]);
        assert_eq!(files.read(APP), files.on_disk(APP));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_read_is_what_is_on_disk(
            bytes_max in prop_oneof![Just(400_usize), Just(2000), Just(1 << 20)],
            steps in proptest::collection::vec((0..4_u8, 1..4_u64, any::<bool>(), 0..6_u8, 0..300_usize), 1..60),
        ) {
            let mut files = Files::new(bytes_max);
            for (what, app, chat_group, n, length) in steps {
                let app = SdkAppId(app);
                match what {
                    0 => files.keep(app),
                    1 => files.put(app, chat_group, n, None),
                    _ => files.put(app, chat_group, n, Some(&vec![n; length])),
                }
                prop_assert!(files.mirrors.bytes <= bytes_max);
                prop_assert_eq!(files.mirrors.bytes, files.counted());
                for app in 1..4 {
                    let [users, chat_groups] = files.has(SdkAppId(app));
                    prop_assert_eq!(users, chat_groups);
                    prop_assert_eq!(files.read(SdkAppId(app)), files.on_disk(SdkAppId(app)));
                }
            }
        }
    }
}

//! The strict opening against real fjall databases that are then damaged: each must open with every acknowledged batch or be refused. It does not test fjall beyond that.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use tempfile::TempDir;

use super::marker::{MAGIC, MARKER_LEN, Marker};
use super::note::{Note, State};
use super::*;

type Batch = Vec<(Vec<u8>, Vec<u8>)>;
type Content = BTreeMap<Vec<u8>, Vec<u8>>;

/// Bytes between a batch's first one and the marker's magic: start entry, item header, key.
const BEFORE_MAGIC: usize = 13 + 21 + MARKER_KEY.len();

/// How long the journals are made: fjall allocates 64 MiB of zeroes ahead, less of them are enough here.
const ALLOCATED: u64 = 1 << 20;

/// The engine, as far as this module concerns it.
struct Engine {
    dir: PathBuf,
    db: Database,
    data: Keyspace,
    next: u64,
}

fn open_fjall(dir: &Path) -> fjall::Result<(Database, Keyspace)> {
    let db = Database::builder(store_dir(dir)).worker_threads(1).open()?;
    let data = db.keyspace("data", KeyspaceCreateOptions::default)?;
    Ok((db, data))
}

fn recovered(data: &Keyspace) -> Option<u64> {
    data.get(MARKER_KEY).unwrap().map(|value| read_marker(&value).expect("an intact marker"))
}

fn content(data: &Keyspace) -> Content {
    let pairs = data.iter().map(|guard| guard.into_inner().unwrap());
    pairs.map(|(key, value)| (key.to_vec(), value.to_vec())).filter(|(key, _)| key != MARKER_KEY).collect()
}

impl Engine {
    fn open(dir: &Path) -> Result<Self, OpeningError> {
        let opening = StrictOpening::examine(dir)?;
        let (db, data) = open_fjall(dir).unwrap();
        let next = opening.confirm(recovered(&data))?;
        Ok(Self { dir: dir.to_path_buf(), db, data, next })
    }

    #[expect(clippy::disallowed_methods, reason = "stands in for the engine's writer")]
    fn commit(&mut self, batch: &Batch) {
        let mut fjall_batch = self.db.batch().durability(Some(PersistMode::Buffer));
        fjall_batch.insert(&self.data, MARKER_KEY, marker_value(self.next, self.db.seqno()));
        for (key, value) in batch {
            fjall_batch.insert(&self.data, key.as_slice(), value.as_slice());
        }
        fjall_batch.commit().unwrap();
        self.next += 1;
    }

    fn close(self) {
        let Self { dir, db, data, next } = self;
        drop((db, data));
        note_clean_close(&dir, next - 1).unwrap();
    }
}

/// A small generator with a fixed seed: a failure must come again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

fn batches(count: usize) -> Vec<Batch> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut batch = || {
        let items = 1 + dice.below(6);
        let item = |_| {
            let key = format!("\u{1}key{}", dice.below(60)).into_bytes();
            let value = (0..dice.below(300)).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
            (key, value)
        };
        (0..items).map(item).collect()
    };
    (0..count).map(|_| batch()).collect()
}

fn model(batches: &[Batch]) -> Content {
    batches.iter().flatten().cloned().collect()
}

/// A data directory as bytes, restored as often as wanted. The zeroes at a file's end are left out.
struct Image {
    files: Vec<(PathBuf, Vec<u8>, u64)>,
}

impl Image {
    fn take(dir: &Path) -> Self {
        let mut image = Self { files: Vec::new() };
        image.add(dir, Path::new(""));
        image
    }

    fn add(&mut self, root: &Path, under: &Path) {
        for entry in fs::read_dir(root.join(under)).unwrap() {
            let entry = entry.unwrap();
            let path = under.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.add(root, &path);
            } else {
                let mut bytes = fs::read(entry.path()).unwrap();
                let length = bytes.len() as u64;
                bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
                self.files.push((path, bytes, length));
            }
        }
    }

    fn restore(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes, length) in &self.files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            File::options().write(true).open(&path).unwrap().set_len(*length).unwrap();
        }
        dir
    }
}

fn journal(dir: &Path, id: u64) -> PathBuf {
    store_dir(dir).join(format!("{id}.jnl"))
}

/// Where each batch of a journal begins.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let magics = bytes.windows(MAGIC.len()).enumerate().filter(|(_, window)| *window == MAGIC);
    magics.map(|(at, _)| at - BEFORE_MAGIC).collect()
}

struct Fixture {
    batches: Vec<Batch>,
    image: Image,
    /// The used bytes of the one journal, and where its batches begin.
    journal: Vec<u8>,
    starts: Vec<usize>,
}

/// 300 batches in one journal, the machine lost right after the last one.
fn fixture() -> &'static Fixture {
    static FIXTURE: LazyLock<Fixture> = LazyLock::new(build_fixture);
    &FIXTURE
}

fn build_fixture() -> Fixture {
    let batches = batches(300);
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::open(dir.path()).unwrap();
    for batch in &batches {
        engine.commit(batch);
    }
    drop(engine);
    let image = Image::take(dir.path());
    let (_, journal, _) = image.files.iter().find(|(path, ..)| path.ends_with("0.jnl")).unwrap();
    let journal = journal.clone();
    let starts = starts(&journal);
    assert_eq!(starts.len(), batches.len());
    Fixture { batches, image, journal, starts }
}

impl Fixture {
    /// Opens after the journal's used bytes were replaced. `Ok` is the number of batches that are there, each checked by its content.
    fn open_with(&self, journal_bytes: &[u8], length: u64) -> Result<usize, OpeningError> {
        let dir = self.image.restore();
        let path = journal(dir.path(), 0);
        fs::write(&path, journal_bytes).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
        let before = fs::read(&path).unwrap();
        match Engine::open(dir.path()) {
            Ok(engine) => {
                let count = usize::try_from(engine.next - 1).unwrap();
                assert_eq!(content(&engine.data), model(&self.batches[..count]));
                Ok(count)
            }
            Err(error) => {
                assert!(fs::read(&path).unwrap() == before, "the evidence was altered");
                assert!(Engine::open(dir.path()).is_err(), "a second opening did not refuse");
                Err(error)
            }
        }
    }

    fn assert_whole_or_refused(&self, bytes: &[u8], what: &str) -> bool {
        match self.open_with(bytes, ALLOCATED) {
            Ok(count) => {
                assert_eq!(count, self.batches.len(), "opened short after {what}");
                false
            }
            Err(OpeningError::Damaged(_)) => true,
            Err(other) => panic!("{what}: {other}"),
        }
    }
}

#[test]
fn clean_states_open_with_the_exact_sequence() {
    let dir = tempfile::tempdir().unwrap();
    let batches = batches(90);
    let mut done = 0;
    for round in batches.chunks(10) {
        let mut engine = Engine::open(dir.path()).unwrap();
        assert_eq!(engine.next, done as u64 + 1);
        assert_eq!(content(&engine.data), model(&batches[..done]));
        for batch in round {
            engine.commit(batch);
        }
        done += round.len();
        if done % 30 == 0 {
            engine.data.rotate_memtable_and_wait().unwrap();
        }
        if done % 20 == 0 { engine.close() } else { drop(engine) }
    }
    let engine = Engine::open(dir.path()).unwrap();
    assert_eq!(engine.next, 91);
    assert_eq!(content(&engine.data), model(&batches));
}

#[test]
fn a_directory_in_use_is_not_called_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let _engine = Engine::open(dir.path()).unwrap();
    assert!(matches!(StrictOpening::examine(dir.path()), Err(OpeningError::InUse { .. })));
}

#[test]
fn a_torn_last_batch_opens_without_it_and_never_with_less() {
    let fixture = fixture();
    let all = fixture.batches.len();
    let last = *fixture.starts.last().unwrap();
    let whole = fixture.journal.len();
    // Where the first item has its two lengths, which then disagree.
    let lengths = last + 26..last + 34;
    for at in (last..whole).step_by(7).chain([last + 1, whole - 1, whole]).chain(lengths.clone()) {
        let expected = if at == whole { all } else { all - 1 };
        // Cut off by the end of the file, as behind an append.
        assert_eq!(fixture.open_with(&fixture.journal[..at], at as u64).unwrap(), expected, "cut at {at}");
        // Cut off by the zeroes that were allocated ahead.
        if at % 3 == 0 || lengths.contains(&at) {
            assert_eq!(fixture.open_with(&fixture.journal[..at], ALLOCATED).unwrap(), expected, "zero from {at}");
        }
    }
}

#[test]
fn a_flipped_bit_never_opens_short() {
    let fixture = fixture();
    let mut dice = Dice(7);
    let mut refused = 0;
    let trials = 160;
    for _ in 0..trials {
        let mut bytes = fixture.journal.clone();
        let (at, bit) = (dice.below(bytes.len()), dice.below(8));
        bytes[at] ^= 1 << bit;
        refused += u32::from(fixture.assert_whole_or_refused(&bytes, &format!("bit {bit} of byte {at}")));
    }
    assert!(refused > trials * 9 / 10, "{refused}");
}

#[test]
fn every_flipped_bit_of_a_batchs_frame_is_refused_even_in_the_last_batch() {
    let fixture = fixture();
    for (batch, bits) in [(0, 5..6), (150, 0..1), (299, 0..8)] {
        let start = fixture.starts[batch];
        let end = fixture.starts.get(batch + 1).copied().unwrap_or(fixture.journal.len());
        for at in (start..start + BEFORE_MAGIC + MARKER_LEN).chain(end - 13..end) {
            for bit in bits.clone().step_by(3) {
                let mut bytes = fixture.journal.clone();
                bytes[at] ^= 1 << bit;
                // The low bits of fjall's own number may still say the same about the order.
                let may_be_harmless = (start + 5..start + 13).contains(&at);
                let is_refused = fixture.assert_whole_or_refused(&bytes, &format!("bit {bit} of byte {at}"));
                assert!(is_refused || may_be_harmless, "bit {bit} of byte {} of batch {batch}", at - start);
            }
        }
    }
}

#[test]
fn a_zeroed_sector_never_opens_short() {
    let fixture = fixture();
    let mut dice = Dice(11);
    // The last sectors may hold nothing but the last batch, and a hole there is a torn write.
    let middle = fixture.starts[290] / 4096 * 4096 - 4096;
    for (size, trials) in [(512, 40), (4096, 40)] {
        for _ in 0..trials {
            let mut bytes = fixture.journal.clone();
            let sector = dice.below(middle / size) * size;
            bytes[sector..sector + size].fill(0);
            assert!(fixture.assert_whole_or_refused(&bytes, &format!("{size} bytes at {sector}")));
        }
    }
}

#[test]
fn the_last_batch_with_a_hole_is_torn_unless_the_close_was_clean() {
    let mut fixture = build_fixture();
    let last = vec![(b"\x01long".to_vec(), vec![0x41; 4000])];
    let dir = fixture.image.restore();
    let mut engine = Engine::open(dir.path()).unwrap();
    engine.commit(&last);
    engine.close();
    let all = fixture.batches.len();
    fixture.batches.push(last);
    let mut bytes = fs::read(journal(dir.path(), 0)).unwrap();
    // The first sector of the batch never reached the disk, its later ones did.
    let start = fixture.journal.len();
    bytes[start..(start / 512 + 1) * 512].fill(0);
    assert_eq!(fixture.open_with(&bytes, bytes.len() as u64).unwrap(), all);

    fs::write(journal(dir.path(), 0), &bytes).unwrap();
    let text = Engine::open(dir.path()).err().unwrap().to_string();
    assert!(text.contains("0.jnl, at byte"), "{text}");
}

/// Without the examination the same damage opens short and without an error: the tests above can fail.
#[test]
fn negative_control_plain_fjall_loses_batches_in_silence() {
    let fixture = fixture();
    let mut flipped = fixture.journal.clone();
    flipped[fixture.starts[150]] ^= 0x40;
    let mut zeroed = fixture.journal.clone();
    zeroed[8192..8192 + 512].fill(0);
    for bytes in [flipped, zeroed] {
        assert!(fixture.assert_whole_or_refused(&bytes, "the control's damage"));
        let dir = fixture.image.restore();
        fs::write(journal(dir.path(), 0), &bytes).unwrap();
        let (_db, data) = open_fjall(dir.path()).unwrap();
        assert!(recovered(&data).unwrap_or(0) < 200);
    }
}

/// Splits the one journal in three, as rotation does.
fn sealed(fixture: &Fixture) -> TempDir {
    let dir = fixture.image.restore();
    let (a, b) = (fixture.starts[100], fixture.starts[200]);
    let parts = [&fixture.journal[..a], &fixture.journal[a..b], &fixture.journal[b..]];
    for (id, part) in (0..).zip(parts) {
        fs::write(journal(dir.path(), id), part).unwrap();
        File::options().write(true).open(journal(dir.path(), id)).unwrap().set_len(ALLOCATED).unwrap();
    }
    dir
}

#[test]
fn sealed_journals_are_read_in_order_and_to_their_end() {
    let fixture = fixture();
    let whole = sealed(fixture);
    let engine = Engine::open(whole.path()).unwrap();
    assert_eq!((engine.next, content(&engine.data)), (301, model(&fixture.batches)));

    let refused = |damage: &dyn Fn(&Path)| {
        let dir = sealed(fixture);
        damage(dir.path());
        let text = Engine::open(dir.path()).err().expect("a refusal").to_string();
        assert_eq!(Engine::open(dir.path()).err().expect("a second refusal").to_string(), text);
        text
    };
    let cut = |dir: &Path, id, at| File::options().write(true).open(journal(dir, id)).unwrap().set_len(at).unwrap();
    let at = u64::try_from(fixture.starts[99]).unwrap();
    let text = refused(&|dir| cut(dir, 0, at));
    assert!(text.contains("1.jnl, at byte 0: batch 101 where batch 100 must be"), "{text}");
    let text = refused(&|dir| cut(dir, 0, at + 30));
    assert!(text.contains("changes up to batch 299 exist") && text.contains("only those up to batch 99"), "{text}");
    refused(&|dir| {
        // Nothing but the note of a clean close tells a removed oldest journal from one that fjall has dropped.
        let state = State::Closed { journals: vec![0, 1, 2] };
        Note { sequence: 300, in_tables: None, state }.write(dir).unwrap();
        fs::remove_file(journal(dir, 0)).unwrap();
    });
    refused(&|dir| fs::remove_file(journal(dir, 1)).unwrap());
}

#[test]
fn journals_that_fjall_itself_sealed_open() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::open(dir.path()).unwrap();
    let large = vec![(b"\x01large".to_vec(), vec![7; 1 << 20])];
    let small = vec![(b"\x01small".to_vec(), vec![8; 10])];
    for _ in 0..66 {
        engine.commit(&large);
    }
    engine.data.rotate_memtable().unwrap();
    while !journal(dir.path(), 1).exists() {
        engine.commit(&small);
    }
    engine.commit(&small);
    let next = engine.next;
    drop(engine);
    let engine = Engine::open(dir.path()).unwrap();
    assert_eq!(engine.next, next);
    assert_eq!(content(&engine.data).len(), 2);
}

#[test]
fn a_clean_close_leaves_no_room_for_a_torn_batch_or_a_missing_file() {
    let fixture = fixture();
    let closed = || {
        let dir = fixture.image.restore();
        Engine::open(dir.path()).unwrap().close();
        dir
    };
    assert_eq!(Engine::open(closed().path()).unwrap().next, 301);

    let torn = closed();
    let length = fixture.journal.len() as u64;
    File::options().write(true).open(journal(torn.path(), 0)).unwrap().set_len(length - 5).unwrap();
    assert!(Engine::open(torn.path()).is_err());

    let gone = closed();
    let last = *fixture.starts.last().unwrap() as u64;
    File::options().write(true).open(journal(gone.path(), 0)).unwrap().set_len(last).unwrap();
    let text = Engine::open(gone.path()).err().unwrap().to_string();
    assert!(text.contains("end at batch 299, but batch 300 had been confirmed"), "{text}");

    let unnoted = closed();
    fs::write(note_path(unnoted.path()), "cubby store 1\nsequence 3\n").unwrap();
    assert!(Engine::open(unnoted.path()).is_err());
}

#[test]
fn removed_files_are_refused() {
    let fixture = fixture();
    let no_journal = fixture.image.restore();
    fs::remove_file(journal(no_journal.path(), 0)).unwrap();
    let text = Engine::open(no_journal.path()).err().unwrap().to_string();
    assert!(text.contains("no journal"), "{text}");

    let no_store = fixture.image.restore();
    Note { sequence: 300, in_tables: None, state: State::Open }.write(no_store.path()).unwrap();
    fs::remove_dir_all(store_dir(no_store.path())).unwrap();
    assert!(Engine::open(no_store.path()).is_err());

    let emptied = fixture.image.restore();
    let engine = Engine::open(emptied.path()).unwrap();
    engine.data.rotate_memtable_and_wait().unwrap();
    drop(engine);
    fs::remove_file(note_path(emptied.path())).unwrap();
    fs::write(journal(emptied.path(), 0), "").unwrap();
    // Only fjall's tables know of the batches now, so this shows after it has opened, and stays.
    assert!(Engine::open(emptied.path()).is_err());
    assert!(damaged_path(emptied.path()).exists());
}

#[test]
fn a_recovered_sequence_that_is_too_low_keeps_refusing_until_the_operator_acts() {
    let fixture = fixture();
    let dir = fixture.image.restore();
    let opening = StrictOpening::examine(dir.path()).unwrap();
    let text = opening.confirm(Some(299)).unwrap_err().to_string();
    assert!(text.contains("batch 299 is the last that was recovered, but batch 300"), "{text}");
    for _ in 0..2 {
        let text = StrictOpening::examine(dir.path()).unwrap_err().to_string();
        assert!(text.contains("DAMAGED") && text.contains("batch 299"), "{text}");
    }
    fs::remove_file(damaged_path(dir.path())).unwrap();
    assert_eq!(Engine::open(dir.path()).unwrap().next, 301);
}

#[test]
fn a_torn_batchs_marker_attests_the_batch_before_it() {
    let found = Found { reached: None, from_the_start: false, highest_marker: Some(12), torn: None };
    let dir = tempfile::tempdir().unwrap();
    let opening = StrictOpening { dir: dir.path().to_path_buf(), found, note: None };
    assert!(opening.confirm(Some(10)).is_err());
}

#[test]
fn an_accepted_loss_cuts_the_journals_once_and_goes_on() {
    let fixture = fixture();
    for flushed in [false, true] {
        let dir = sealed(fixture);
        if flushed {
            // The tables then hold more than what is left of the journals.
            let engine = Engine::open(dir.path()).unwrap();
            engine.data.rotate_memtable_and_wait().unwrap();
            drop(engine);
            fs::write(journal(dir.path(), 2), &fixture.journal[fixture.starts[200]..]).unwrap();
        }
        let damaged = if flushed { 2 } else { 1 };
        let mut bytes = fs::read(journal(dir.path(), damaged)).unwrap();
        let at = starts(&bytes)[50];
        bytes[at] = 0x77;
        fs::write(journal(dir.path(), damaged), &bytes).unwrap();
        assert!(Engine::open(dir.path()).is_err());

        fs::write(consent_path(dir.path()), "").unwrap();
        let mut engine = Engine::open(dir.path()).unwrap();
        assert!(!consent_path(dir.path()).exists());
        let kept = if flushed { 300 } else { 150 };
        assert_eq!(content(&engine.data), model(&fixture.batches[..kept]));
        let more = vec![(b"\x01more".to_vec(), b"after the loss".to_vec())];
        let mut expected = model(&fixture.batches[..kept]);
        for round in 0..3 {
            if round > 0 {
                engine.commit(&more);
                expected.extend(more.clone());
            }
            if round == 1 {
                engine.close();
            } else {
                drop(engine);
            }
            engine = Engine::open(dir.path()).unwrap();
            assert_eq!(content(&engine.data), expected);
        }
    }
}

#[test]
fn an_accepted_loss_of_every_journal_keeps_what_the_tables_hold() {
    let fixture = fixture();
    let dir = fixture.image.restore();
    let engine = Engine::open(dir.path()).unwrap();
    engine.data.rotate_memtable_and_wait().unwrap();
    drop(engine);
    fs::remove_file(journal(dir.path(), 0)).unwrap();
    fs::write(consent_path(dir.path()), "").unwrap();
    let mut engine = Engine::open(dir.path()).unwrap();
    assert_eq!((engine.next, content(&engine.data)), (301, model(&fixture.batches)));
    let more = fixture.batches[7].clone();
    engine.commit(&more);
    drop(engine);
    let engine = Engine::open(dir.path()).unwrap();
    let mut expected = model(&fixture.batches);
    expected.extend(more);
    assert_eq!((engine.next, content(&engine.data)), (302, expected));
}

#[test]
fn a_copied_marker_in_a_value_is_not_taken_for_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::open(dir.path()).unwrap();
    let forged = [MARKER_KEY, &marker_value(1_000_000, 1)].concat();
    for _ in 0..3 {
        engine.commit(&vec![(b"\x01forged".to_vec(), forged.clone())]);
    }
    drop(engine);
    assert_eq!(Engine::open(dir.path()).unwrap().next, 4);
}

#[test]
fn a_marker_with_any_flipped_bit_is_none() {
    let value = marker_value(77, 99);
    assert_eq!(Marker::read(&value), Some(Marker { sequence: 77, seqno_floor: 99 }));
    for bit in 0..value.len() * 8 {
        let mut flipped = value;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read_marker(&flipped), None);
    }
    assert!(String::from_utf8(MAGIC.to_vec()).is_err());
}

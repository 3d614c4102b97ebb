//! The long random sequences again, over a store that is moved to the other engine wherever another would be opened again: whatever comes
//! after a move must be answered as if there had been none.

use super::{Run, Step, Subject, config, runtime, sequence};
use crate::copy::moved;
use crate::embedded::Directory;
use crate::postgres::bounds;
use crate::support::soon;
use cubby_pg_cluster::Cluster;
use cubby_store::{Engine, Postgres};
use proptest::prelude::*;

struct Moving {
    store: Option<Engine>,
    /// Where the embedded stores are and were; the last one may be in use.
    directories: Vec<Directory>,
    cluster: Cluster,
}

impl Subject for Moving {
    type Store = Engine;

    fn store(&self) -> &Engine {
        self.store.as_ref().unwrap()
    }

    async fn reopen(&mut self, _closed: bool) {
        let (from, url) = (self.store.take().unwrap(), self.cluster.database());
        self.store = Some(match from {
            Engine::Embedded(from) => {
                let to = Postgres::open_to_copy(&url, &bounds()).await.unwrap();
                moved(&from, &to).await;
                from.close().await.unwrap();
                to.close();
                Engine::Postgres(Postgres::open(&url, &bounds()).await.unwrap())
            }
            Engine::Postgres(from) => {
                let directory = Directory::new();
                let to = directory.open().await;
                moved(&from, &to).await;
                to.close().await.unwrap();
                from.close();
                let store = Engine::Embedded(directory.open().await);
                self.directories.push(directory);
                store
            }
            Engine::Memory(_) => unreachable!("no store in memory is moved"),
        });
    }
}

proptest! {
    #![proptest_config(config(6, 100))]
    #[test]
    fn a_store_that_is_moved_now_and_then_answers_as_the_contract_says(steps in sequence()) {
        let answered = runtime().block_on(soon(async {
            let directory = Directory::new();
            let store = Some(Engine::Embedded(directory.open().await));
            let mut run = Run::new(Moving { store, directories: vec![directory], cluster: Cluster::start() });
            // There and back in every sequence, whatever it brings itself.
            let (first, second) = steps.split_at(steps.len() / 2);
            run.all(first).await?;
            run.step(&Step::Reopen { closed: true }).await?;
            run.all(second).await?;
            run.step(&Step::Reopen { closed: true }).await
        }));
        answered.map_err(TestCaseError::fail)?;
    }
}

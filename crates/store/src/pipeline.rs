//! Futures that begin one behind the other and go on together, such as statements that are sent without waiting for the answers between them.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Runs all of them and waits for all: each is polled for the first time, which is when it sends, in the order of the list.
///
/// # Errors
/// The first error by the list's order; the rest have come to their end by then.
pub(crate) async fn in_order<F, T, E>(mut running: Vec<Pin<Box<F>>>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut done: Vec<Option<Result<T, E>>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (one, done) in running.iter_mut().zip(&mut done) {
            if done.is_none() {
                match one.as_mut().poll(context) {
                    Poll::Ready(answer) => *done = Some(answer),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::in_order;
    use std::sync::Mutex;

    #[tokio::test]
    async fn they_begin_in_order_and_all_come_to_their_end_before_the_first_error_is_told() {
        let begun = Mutex::new(Vec::new());
        let ended = Mutex::new(0);
        let one = |n: u32| {
            let (begun, ended) = (&begun, &ended);
            Box::pin(async move {
                begun.lock().unwrap().push(n);
                for _ in 0..5 - n {
                    tokio::task::yield_now().await;
                }
                *ended.lock().unwrap() += 1;
                if n.is_multiple_of(2) { Ok(n) } else { Err(n) }
            })
        };
        assert_eq!(in_order((0..5).map(one).collect()).await, Err(1));
        assert_eq!((begun.into_inner().unwrap(), ended.into_inner().unwrap()), (vec![0, 1, 2, 3, 4], 5));
    }
}

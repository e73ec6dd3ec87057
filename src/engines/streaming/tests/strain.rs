//! Many calls, orders out of turn, crashes and backlogs.

use super::*;

#[tokio::test]
async fn many_calls_leave_no_stream_behind() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    for _ in 0..200 {
        let mut call = Call::new(&engine);
        assert_eq!(call.hear(&[(500, 160)]).await, "好");
        // The line drops in mid-speech.
        call.begin();
        call.feed(&[(1500, 40)]);
    }
    let mut last = Call::new(&engine);
    assert_eq!(last.hear(&[(500, 160)]).await, "好");
    // Counted after the round in which the text was told, so one more round is waited for.
    assert_eq!(last.hear(&[(0, 160)]).await, "");
    assert!(engine.counts().streams <= 1, "{:?}", engine.counts());
    assert_eq!(engine.counts().lost, 0);
}

#[tokio::test]
async fn orders_out_of_turn_and_ugly_sound_do_no_harm() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&engine);
    call.ear.end();
    call.ear.audio(&[0; FRAME]);
    call.ear.decode(call.id(7));
    call.ear.withdraw(call.id(9));
    call.ear.end();
    call.ear.begin(50, &[i16::MIN; 7]);
    for n in 0..50 {
        call.ear
            .audio(&[if n % 2 == 0 { i16::MIN } else { i16::MAX }; FRAME]);
    }
    call.ear.end();
    call.ear.end();
    // A call that hung up is not told anything.
    let mut gone = Call::new(&engine);
    gone.begin();
    gone.feed(&NOT_GOOD);
    gone.results.close();
    gone.ear.decode(gone.id(1));
    gone.ear.end();
    assert_eq!(call.hear(&NOT_GOOD).await, "不好");
}

#[tokio::test]
async fn a_crash_is_answered_and_the_next_utterance_is_heard() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&engine);
    call.begin();
    call.feed(&NOT_GOOD);
    call.ear.decode(call.id(1));
    order(&engine, Order::Panic);
    let result = call.settled().await;
    assert_eq!(result.id, call.id(1));
    assert!(matches!(result.kind, RecognisedKind::Failed(_)));
    assert_eq!(call.hear(&NOT_GOOD).await, "不好");
    assert!(!engine.overloaded());
}

#[tokio::test]
async fn a_backlog_costs_rough_texts_first_then_new_calls_then_sound() {
    let Some(engine) = load("tiny-streaming") else {
        return;
    };
    let mut call = Call::new(&engine);
    assert!(!engine.overloaded());
    let held = hold(&engine);
    call.begin();
    call.feed(&[(500, 300), (0, 20 * BUSY)]);
    assert!(!engine.overloaded());
    drop(held);
    // All of it in one round: the final text is right, and nothing rough came before it.
    call.ear.decode(call.id(1));
    call.ear.end();
    assert_eq!(text(call.next().await.kind), "好");
    assert_eq!((engine.counts().left_out, engine.counts().lost), (1, 0));
    let held = hold(&engine);
    call.begin();
    call.feed(&[(0, 20 * BEHIND)]);
    assert!(engine.overloaded(), "new calls are kept away");
    assert_eq!(engine.counts().lost, 0);
    call.feed(&[(0, 20 * ROOM)]);
    assert!(engine.counts().lost > 0);
    drop(held);
    let mut next = Call::new(&engine);
    while engine.overloaded() {
        tokio::task::yield_now().await;
    }
    drop(call);
    next.ear.expect(&expecting(&[], Lang::Zh));
    let mut fresh = Call::new(&engine);
    assert_eq!(fresh.hear(&NOT_GOOD).await, "不好");
}

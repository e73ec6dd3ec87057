use super::*;
use crate::terms::{Grade, Lang, Ms};

const MINE: TenantId = TenantId(1);
const THEIRS: TenantId = TenantId(2);

fn entry(tenant: TenantId) -> Entry {
    Entry {
        tenant,
        campaign: Named {
            id: 1,
            name: "spring".into(),
        },
        lead: CardLead::default(),
        phone: "138****8000".into(),
        lang: Lang::Zh,
        dialplan: "trial".into(),
        started_unix_ms: 1,
        rehearsal: false,
    }
}

fn event(call: &str, what: Happening) -> CallEvent {
    CallEvent {
        call: CallId(call.into()),
        at: Ms(0),
        what,
    }
}

#[test]
fn a_card_follows_its_call_and_only_its_tenant_sees_it() {
    let board = Board::default();
    board.enter(&CallId("a".into()), entry(MINE));
    board.enter(&CallId("b".into()), entry(THEIRS));
    let seen = board.since(MINE, 0);
    assert_eq!(seen.cards.len(), 1);
    board.on(&event("a", Happening::Answered), 5);
    board.on(
        &event(
            "a",
            Happening::Graded {
                grade: Grade::A,
                reasons: vec!["asked the price".into()],
                by: None,
            },
        ),
        6,
    );
    let news = board.since(MINE, seen.rev);
    let card = &news.cards[0];
    assert_eq!(card.state, CallState::Talking);
    assert_eq!(card.grade, Some(Grade::A));
    assert_eq!(card.alerts[0].kind, AlertKind::Hot);
    assert!(board.since(MINE, news.rev).cards.is_empty(), "told once");
    assert!(board.since(THEIRS, seen.rev).cards.is_empty());
}

#[test]
fn a_call_that_ended_leaves_the_wall() {
    let board = Board::default();
    board.enter(&CallId("a".into()), entry(MINE));
    let seen = board.since(MINE, 0).rev;
    board.on(
        &event(
            "a",
            Happening::Ended {
                disposition: crate::terms::Disposition::Completed,
                result: None,
                cause: None,
                ring_ms: 0,
                talk_ms: 0,
            },
        ),
        9,
    );
    let news = board.since(MINE, seen);
    assert_eq!(news.gone, [CallId("a".into())]);
    assert!(board.cards(MINE).is_empty());
    assert!(board.since(THEIRS, 0).gone.is_empty());
}

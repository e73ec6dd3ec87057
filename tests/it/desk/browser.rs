//! A browser's audio line by itself: who hears whom, and what becomes of it when the browser goes.

use super::page::Page;
use callsmith::audio::FRAME;
use callsmith::audio::tone::{Tone, level_of};
use callsmith::call::headset::{Line, Tap};
use callsmith::desk::browser::{BrowserSettings, Browsers, Gate, Link, Peer};
use callsmith::media::port::Incoming;
use callsmith::terms::{CallId, Ms};
use std::time::Duration;
use tokio::sync::mpsc;

const HUMAN_HZ: u32 = 1100;
const CALLEE_HZ: f64 = 700.0;

/// Plugs a page in and waits for its sound.
async fn connect(
    browsers: &Browsers,
    line: &Line,
    gate: &Gate,
    page: &mut Page,
) -> (Peer, mpsc::UnboundedReceiver<Link>) {
    let (tell, mut links) = mpsc::unbounded_channel();
    let on_link = Box::new(move |link| {
        let _ = tell.send(link);
    });
    let answered = browsers
        .answer(line, gate, &page.offer, on_link)
        .await
        .unwrap();
    page.answered(&answered.sdp).await;
    assert_eq!(links.recv().await, Some(Link::Up));
    (answered.peer, links)
}

/// A second of a call in which the other side holds a tone; what the call hears from the browser.
async fn second(tap: &mut Tap, tone: &mut Tone) -> Vec<i16> {
    let mut heard = Vec::new();
    let mut got = Incoming::default();
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for i in 0..50 {
        ticks.tick().await;
        tap.send(&tone.frame());
        tap.tick(Ms(i * 20), &mut got);
        heard.extend(got.frame.unwrap_or([0; FRAME]));
    }
    heard
}

fn tail(sound: &[i16]) -> &[i16] {
    &sound[sound.len().saturating_sub(4000)..]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_and_a_call_hear_each_other_and_a_new_browser_takes_the_old_one_s_place() {
    let browsers = Browsers::new(BrowserSettings::default());
    let line = Line::new("li", "Li");
    let gate = Gate::default();
    gate.set(true);
    let mut page = Page::open(HUMAN_HZ).await;
    let (peer, _) = connect(&browsers, &line, &gate, &mut page).await;
    let mut tap = line.attach(&CallId("a".into())).unwrap();
    let mut tone = Tone::new(CALLEE_HZ, -15.0);
    let heard = second(&mut tap, &mut tone).await;
    assert!(level_of(tail(&heard), f64::from(HUMAN_HZ)) > -20.0);
    assert!(level_of(tail(&page.heard()), CALLEE_HZ) > -20.0);

    let mut other = Page::open(1300).await;
    let (_other_peer, _) = connect(&browsers, &line, &gate, &mut other).await;
    drop(peer);
    let heard = second(&mut tap, &mut tone).await;
    assert!(level_of(tail(&heard), 1300.0) > -20.0);
    assert!(level_of(tail(&heard), f64::from(HUMAN_HZ)) < -45.0);
    assert!(level_of(tail(&other.heard()), CALLEE_HZ) > -20.0);
    assert!(line.plugged(), "the old browser's end unplugs nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_listen_is_heard_by_nobody_whatever_the_page_sends() {
    let browsers = Browsers::new(BrowserSettings::default());
    let line = Line::new("boss", "Boss");
    let gate = Gate::default();
    for mut page in [Page::sly(HUMAN_HZ).await, Page::open(HUMAN_HZ).await] {
        let (_peer, _) = connect(&browsers, &line, &gate, &mut page).await;
        let mut tap = line.attach(&CallId("a".into())).unwrap();
        let mut tone = Tone::new(CALLEE_HZ, -15.0);
        let heard = second(&mut tap, &mut tone).await;
        assert!(heard.iter().all(|s| *s == 0), "not a sample came through");
        assert!(level_of(tail(&page.heard()), CALLEE_HZ) > -20.0, "he hears");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn between_calls_the_browser_is_kept_warm_with_silence() {
    let browsers = Browsers::new(BrowserSettings::default());
    let line = Line::new("li", "Li");
    let mut page = Page::open(0).await;
    let (_peer, _) = connect(&browsers, &line, &Gate::default(), &mut page).await;
    let mut heard = 0;
    while heard < 8000 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let sound = page.heard();
        assert!(sound.iter().all(|s| s.abs() < 9), "silence");
        heard += sound.len();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_dies_unplugs_the_line() {
    let browsers = Browsers::new(BrowserSettings::default());
    let line = Line::new("li", "Li");
    let mut page = Page::open(0).await;
    let (peer, mut links) = connect(&browsers, &line, &Gate::default(), &mut page).await;
    page.kill();
    assert!(matches!(links.recv().await, Some(Link::Down | Link::Over)));
    assert!(!line.plugged());
    drop(peer);
    while links.recv().await.is_some() {}
    assert_eq!(browsers.connected(), 0, "its place is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_the_browser_s_port_harms_nobody() {
    let browsers = Browsers::new(BrowserSettings::default());
    let line = Line::new("li", "Li");
    let gate = Gate::default();
    gate.set(true);
    let mut page = Page::open(HUMAN_HZ).await;
    let (tell, mut links) = mpsc::unbounded_channel();
    let answered = browsers
        .answer(
            &line,
            &gate,
            &page.offer,
            Box::new(move |link| {
                let _ = tell.send(link);
            }),
        )
        .await
        .unwrap();
    let port: u16 = answered
        .sdp
        .lines()
        .find(|l| l.starts_with("a=candidate:"))
        .and_then(|l| l.split(' ').nth(5)?.parse().ok())
        .expect("a candidate");
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let throw = || {
        for first in 0..=255u8 {
            for len in [1usize, 2, 20, 160, 1400] {
                let mut junk = vec![first; len];
                junk.iter_mut()
                    .enumerate()
                    .skip(1)
                    .for_each(|(i, b)| *b = (i * 31) as u8 ^ first);
                let _ = stranger.send_to(&junk, ("127.0.0.1", port));
            }
        }
    };
    throw();
    page.answered(&answered.sdp).await;
    assert_eq!(links.recv().await, Some(Link::Up));
    throw();
    let mut tap = line.attach(&CallId("a".into())).unwrap();
    let mut tone = Tone::new(CALLEE_HZ, -15.0);
    let heard = second(&mut tap, &mut tone).await;
    assert!(level_of(tail(&heard), f64::from(HUMAN_HZ)) > -20.0);
    assert!(level_of(tail(&page.heard()), CALLEE_HZ) > -20.0);
}

#[tokio::test]
async fn there_is_an_end_to_places_and_ports() {
    let line = Line::new("li", "Li");
    let few = Browsers::new(BrowserSettings {
        most: 0,
        ..BrowserSettings::default()
    });
    let page = Page::open(0).await;
    let refused = |b: Browsers| {
        let (line, offer) = (line.clone(), page.offer.clone());
        async move {
            b.answer(&line, &Gate::default(), &offer, Box::new(|_| ()))
                .await
                .map(|a| a.sdp)
                .unwrap_err()
                .to_string()
        }
    };
    assert!(refused(few).await.contains("raise the limit"));
    let held = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let taken = Browsers::new(BrowserSettings {
        ports: Some((port, port)),
        ..BrowserSettings::default()
    });
    assert!(refused(taken).await.contains("widen the range"));
}

//! callsmith: an outbound AI voice-call robot server.
//!
//! The rooms, in the order a call walks through them. The senses (`sip`, `media`, `hearing`, `dialogue`, `voice`) never
//! import each other; only [`call`] knows them all. What happened travels upward as [`terms::event::CallEvent`]; `desk`,
//! `web` and `campaign` act on a live call only through [`call`]'s commands. `tests/it/tidy.rs` checks the whole table.
//!
//! | room | what it is | may import |
//! |---|---|---|
//! | [`terms`] | the words every room shares: ids, time, phone numbers, causes, dispositions, grades, events | nothing |
//! | [`audio`] | frames, G.711, resampling, WAV, levels, tones | terms |
//! | [`campaign`] | who is called and when: lists, windows, retries, pacing, the dialer | terms, store, call |
//! | [`call`] | one life of a call: machine, hand-over, task, registry | terms, audio and the senses |
//! | [`sip`] | the door: INVITE, ringing, answer, bye | terms |
//! | [`media`] | the wire: RTP, jitter buffer, SDP, DTMF, bridge, recording | terms, audio |
//! | [`hearing`] | what they said: denoise, VAD, endpointer, recognition | terms, audio |
//! | [`dialogue`] | what to do: dialplan, intent, slots, grade | terms |
//! | [`voice`] | what we say: phonemes, spoken forms, prompts, player | terms, audio |
//! | [`engines`] | the one room that runs neural nets | terms, audio, traits of hearing, voice, dialogue |
//! | [`store`] | the one room that speaks SQL | terms |
//! | [`desk`] | agents and who is offered a hot lead | terms, audio, store, call |
//! | [`web`] | the console and the API: who may do what, over HTTP | terms, store, dialogue, call, campaign, desk |
//! | [`farend`] | a simulated carrier with callees, for the demo and the tests; shares no SIP, RTP or dialogue code | audio |
//! | [`app`] | wires the rooms into the command line program | everything |
//!
//! Words with one meaning each: a *Lead* is one contact on a list, an *Attempt* one try to reach it; a *Leg* is one
//! party's signalling and media, a *Call* is legs, dialogue and bridge in one life; an *Interruption* is the callee
//! talking over a prompt, a *Barge* a human joining; a *HangupCause* is what the wire said, a *Disposition* how the
//! business counts the attempt; an *Agent* is always a human, the *Robot* is the program's own voice.

// The disallowed lists in .clippy.toml are walls around the pure files only; each of those denies them for itself.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod terms;

pub mod audio;

pub mod campaign;

pub mod call;

pub mod sip;

pub mod media;

pub mod hearing;

pub mod dialogue;

pub mod voice;

pub mod engines;

pub mod store;

pub mod desk;

pub mod web;

pub mod farend;

pub mod app;

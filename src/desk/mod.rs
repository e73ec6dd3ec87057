//! Agents, and who is offered a hot lead.

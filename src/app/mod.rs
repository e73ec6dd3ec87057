//! Wires the rooms into the command line program.

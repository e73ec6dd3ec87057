//! The speech libraries lie beside the binary or in ../lib of an installation; `scripts/lib.sh` puts them in the cache,
//! whose path is compiled in so that a checkout runs as it is. The console's files go into a release binary; the folder
//! is made here, because without it every build would take it for changed.
fn main() {
    let console = "src/web/console/dist";
    // A source tree that cannot be written has the console, or is built without it.
    let _ = std::fs::create_dir_all(console);
    println!("cargo:rerun-if-changed={console}");
    println!("cargo:rerun-if-env-changed=SHERPA_ONNX_LIB_DIR");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib");
    if let Ok(dir) = std::env::var("SHERPA_ONNX_LIB_DIR") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{dir}");
    }
}

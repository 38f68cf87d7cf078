//! The endpoints of an Azure Stack Hub, in the file that Azure's libraries read them from.
//!
//! The cluster keeps them in ConfigMap openshift-config/cloud-provider-config under `endpoints`. Without them there is
//! no such file.

use crate::inputs::Inputs;
use crate::render::names::OPENSHIFT_CONFIG;
use std::fs;
use std::io;
use std::path::Path;

/// Brings the file up to date. Nothing is touched while nobody has looked at the ConfigMap.
///
/// # Errors
/// The file cannot be written or deleted; the message names it.
pub fn sync(inputs: &Inputs) -> Result<(), String> {
    const NAME: &str = "cloud-provider-config";
    let Some(path) = &inputs.environment.azure_environment_filepath else { return Ok(()) };
    if !inputs.objects.config_map_was_looked_at(OPENSHIFT_CONFIG, NAME) {
        return Ok(());
    }
    let config_map = inputs.objects.config_map(OPENSHIFT_CONFIG, NAME);
    let endpoints = config_map.and_then(|config_map| config_map.data.get("endpoints"));
    let path = Path::new(path);
    let done = match endpoints.filter(|endpoints| !endpoints.is_empty()) {
        Some(endpoints) if fs::read(path).is_ok_and(|content| content == endpoints.as_bytes()) => Ok(()),
        Some(endpoints) => replace(path, endpoints.as_bytes()),
        None => match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    };
    done.map_err(|error| format!("{}: cannot be kept up to date: {error}; make its directory writable", path.display()))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    fs::write(&temporary, content)?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::{ConfigMapData, Observed};

    #[test]
    fn the_file_follows_the_config_map_and_goes_with_its_endpoints() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("azurestackcloud.json");
        let mut inputs = Inputs::default();
        inputs.environment.azure_environment_filepath = Some(path.display().to_string());
        fs::write(&path, "of old").unwrap();
        sync(&inputs).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "of old", "nobody has looked");

        let key = (OPENSHIFT_CONFIG.to_owned(), "cloud-provider-config".to_owned());
        let data = [("endpoints".to_owned(), "{}".to_owned())].into();
        let given = ConfigMapData { data, ..ConfigMapData::default() };
        inputs.objects.config_maps.insert(key.clone(), Observed::Present(given));
        sync(&inputs).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}");

        inputs.objects.config_maps.insert(key, Observed::Absent);
        sync(&inputs).unwrap();
        assert!(!path.exists());
        sync(&inputs).unwrap();
    }
}

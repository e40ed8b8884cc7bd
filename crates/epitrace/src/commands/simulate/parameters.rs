//! The parameters of a run: what is typed, else what stands in the file, else what the published system had.

use crate::cli::RunParameters;
use crate::failure::Mistyped;
use domain::runs::Parameters;
use std::path::Path;

/// Puts the parameters of a run together.
pub fn read(typed: &RunParameters) -> anyhow::Result<Parameters> {
    let mut parameters = match &typed.parameters {
        Some(path) => of_file(path)?,
        None => Parameters::default(),
    };
    take(&mut parameters.width, typed.width);
    take(&mut parameters.height, typed.height);
    take(&mut parameters.scale_factor, typed.scale_factor);
    take(&mut parameters.lifetime_s, typed.lifetime);
    take(&mut parameters.infection_radius, typed.radius);
    take(&mut parameters.cooldown_s, typed.cooldown);
    take(&mut parameters.movement, typed.movement.map(Into::into));
    take(&mut parameters.seed, typed.seed);
    parameters.humans_and_zombies |= typed.humans_and_zombies;
    Ok(parameters)
}

fn take<T>(parameter: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *parameter = typed;
    }
}

fn of_file(path: &Path) -> anyhow::Result<Parameters> {
    let text = std::fs::read_to_string(path).map_err(|error| Mistyped {
        sentence: format!("cannot read the parameters in {}: {error}", path.display()),
        hint: "--parameters names a JSON file, such as {\"zombie_lifetime\": 60}",
    })?;
    let parameters: Parameters = serde_json::from_str(&text).map_err(|error| Mistyped {
        sentence: format!("{} holds no parameters of a run: {error}", path.display()),
        hint: "names are those of `epitrace simulate --help`, with _ for -, or zombie_lifetime and its like",
    })?;
    parameters.check().map_err(|error| Mistyped {
        sentence: format!("{}: {error}", path.display()),
        hint: "correct the file, or type the option beside it: what is typed counts more",
    })?;
    Ok(parameters)
}
